// Where a program begins: imports nothing.

/** Set to anything but the empty text, it leaves out the files that speak for a project, whatever they are, and the shell hook asks for no change by them. */
export const NO_CONFIG_VARIABLE = "SKERRY_NO_CONFIG";
