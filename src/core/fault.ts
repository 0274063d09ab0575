/** What can be wrong with an environment that was whole once, by kind. `skerry doctor` tells it, `skerry repair` mends it. */
export const FAULT_KINDS = {
  "home-moved": "The state folder was moved or copied since; what names its old path is out of date.",
  place: "The environment's folder in the state folder, or a folder in it, is gone or closed to its owner.",
  "prefix-gone": "Its prefix is gone, or a folder in it is none or closed to its owner.",
  "prefix-moved": "Its prefix lies in another folder now.",
  "prefix-foreign": "Something that isn't this environment's stands at its prefix.",
  "python-changed": "Its base interpreter was replaced at the same path: rebuilt, or updated to another patch release.",
  "python-moved": "Its base interpreter is gone from its path; the same version is at another one.",
  "python-gone": "Its base interpreter is gone, and its version is nowhere else.",
  "python-link": "A link in bin/ to the base interpreter is gone or leads elsewhere.",
  "venv-config": "pyvenv.cfg is gone, damaged, or says something else than recorded.",
  "project-changed": "The project's manifest or lock says something else than when its packages were installed.",
  activation: "An activation script is gone, or is for another path.",
  "layer-lost":
    "The link of a thin environment to its layer, or the .pth file that names it, is gone or leads elsewhere.",
  "files-missing": "Files of packages are gone.",
  "files-changed": "Files of packages were changed.",
  "store-damaged": "Files of the store were changed after they were sealed.",
  "packages-gone": "Recorded packages were removed by hand.",
  "packages-replaced": "Other versions of recorded packages were installed by hand.",
} as const;
export type FaultKind = keyof typeof FAULT_KINDS;

/** Something that is wrong with an environment. */
export interface Fault {
  readonly kind: FaultKind;
  /** What was found, and where, for people. */
  readonly message: string;
}
