// Written by: npm run pins

/** A wheel that Skerry fetches: its name, the SHA-256 of it, and of the one program that is taken out of it. */
export interface ToolPin {
  /** The platform, or the oldest Python. */
  readonly for: string;
  readonly version: string;
  readonly file: string;
  readonly wheel: string;
  readonly program?: string;
}

/** uv for each platform. */
export const UV_PINS: readonly ToolPin[] = [
  {
    for: "linux x64 glibc",
    version: "0.13.9",
    file: "uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    wheel: "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    program: "b73acdf73b96c3ac9e56d2fa933427b3ee6a901e3cce6ba1e3ecb3f91ca0d86a",
  },
  {
    for: "linux x64 musl",
    version: "0.13.9",
    file: "uv-0.13.9-py3-none-musllinux_1_1_x86_64.whl",
    wheel: "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",
    program: "edbfb9a3d00dc84148e6691cd8740781fdc32db6505d7ef88ba6c3e569d5bec9",
  },
  {
    for: "linux arm64 glibc",
    version: "0.13.9",
    file: "uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
    wheel: "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    program: "bbecb5ac518030bb5e84f1999c577228460192832ac24a92bd772735682979f4",
  },
  {
    for: "linux arm64 musl",
    version: "0.13.9",
    file: "uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
    wheel: "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    program: "bbecb5ac518030bb5e84f1999c577228460192832ac24a92bd772735682979f4",
  },
  {
    for: "darwin x64",
    version: "0.13.9",
    file: "uv-0.13.9-py3-none-macosx_10_12_x86_64.whl",
    wheel: "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    program: "9d275208c058354f9b300ea46a499c7a29de3249ae839503cadff2c01c159d69",
  },
  {
    for: "darwin arm64",
    version: "0.13.9",
    file: "uv-0.13.9-py3-none-macosx_11_0_arm64.whl",
    wheel: "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    program: "0e17c316d23b33b4e840669f516f5cb7f5c1faa816ebd3824052ab50082ecefb",
  },
];

/** pip for the Python that is named and newer ones, the oldest first. */
export const PIP_PINS: readonly ToolPin[] = [
  {
    for: "3.8",
    version: "25.0.1",
    file: "pip-25.0.1-py3-none-any.whl",
    wheel: "c46efd13b6aa8279f33f2864459c8ce587ea6a1a59ee20de055868d8f7688f7f",
  },
  {
    for: "3.12",
    version: "26.3",
    file: "pip-26.3-py3-none-any.whl",
    wheel: "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13",
  },
];
