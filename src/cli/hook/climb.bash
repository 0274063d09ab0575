    while [[ -d $up && ! -e $up/.git && ! -e $up/.venv/skerry.json && ! -e $up/.pixi ]]; do
      if [[ $up -ef / || $up -ef ~ || -k $up/.. || ( -O $up && ! -O $up/.. ) || ( $up/.. -ef ~ && ! -e ~/.git ) ]]; then
        up=
      else
        up+=/..
      fi
    done
    [[ -d $up ]] || up=
