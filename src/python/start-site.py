# For a program that is started with -S: does what Python does otherwise as it starts, with packages and lines of .pth
# files, but imports nothing that a project may bring: the source of an editable one is on the path too, where whoever
# writes a branch can put a sitecustomize, or what the interpreter's own one looks for. That one is run before. What a
# program imports that not every Python has, it imports before as well.
def start_site():
    import site
    site.execsitecustomize()
    site.execsitecustomize = site.execusercustomize = lambda: None
    site.main()
