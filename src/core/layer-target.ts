/** What packages are built for: two targets share layers only when all fields are equal. */
export interface LayerTarget {
  /** `cpython` or `pypy`. */
  readonly implementation: string;
  /** Full version, `3.12.1`. */
  readonly version: string;
  /** `cpython-312`, `pypy310-pp73`: the tag in the names of bytecode and extension files. */
  readonly abi: string;
  /** As `sysconfig.get_platform()` gives it: `linux-x86_64`, `macosx-14.0-arm64`. */
  readonly platform: string;
  /** `glibc 2.36`, `musl 1.2`; empty elsewhere. */
  readonly libc: string;
  /** The interpreter that builds and compiles: absolute path, where it lives. Trees and layers are the same for any. */
  readonly interpreter: string;
}
