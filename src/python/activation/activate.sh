if [ -n "${_OLD_VIRTUAL_PATH+x}" ] && command -v deactivate >/dev/null 2>&1; then deactivate; fi

deactivate () {
    if [ -n "${_OLD_VIRTUAL_PATH+x}" ]; then
        PATH=$_OLD_VIRTUAL_PATH; export PATH; unset _OLD_VIRTUAL_PATH
@LEAVE@
        if [ -n "${_OLD_VIRTUAL_PS1+x}" ]; then PS1=$_OLD_VIRTUAL_PS1; unset _OLD_VIRTUAL_PS1; fi
        hash -r 2>/dev/null || :
    fi
    if [ "${1-}" != nondestructive ]; then unset -f deactivate; fi
}

_OLD_VIRTUAL_PATH=${PATH-}
@PATH@
@ENTER@
unset _OLD_VIRTUAL_PS1 || :
if [ -z "${VIRTUAL_ENV_DISABLE_PROMPT-}" ] && [ -n "${PS1+x}" ]; then
    _OLD_VIRTUAL_PS1=$PS1
    PS1=@PROMPT@$PS1
fi
hash -r 2>/dev/null || :
