/** The parts of WebAssembly that are used here; TypeScript has them only together with the whole of a browser. */
declare namespace WebAssembly {
  class Module {
    private readonly module: true
  }
  class Memory {
    constructor(pages: { readonly initial: number; readonly maximum: number })
    readonly buffer: ArrayBuffer
  }
  function compile(bytes: Uint8Array): Promise<Module>
}
