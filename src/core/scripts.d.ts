// Scripts are imported as text: Bun reads or embeds them, and the build of the library puts them into its modules.
declare module "*.sh" {
  const script: import("./script.ts").Code;
  export default script;
}
declare module "*.bash" {
  const script: import("./script.ts").Code;
  export default script;
}
declare module "*.zsh" {
  const script: import("./script.ts").Code;
  export default script;
}
declare module "*.fish" {
  const script: import("./script.ts").Code;
  export default script;
}
declare module "*.py" {
  const script: import("./script.ts").Code;
  export default script;
}
declare module "*.nu" {
  const script: import("./script.ts").Code;
  export default script;
}
declare module "*.ps1" {
  const script: import("./script.ts").Code;
  export default script;
}
