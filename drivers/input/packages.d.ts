// What is used of a package that comes without types.

declare module "epoll" {
  class Epoll {
    static readonly EPOLLIN: number;
    constructor(handler: (error: Error | null, file: number, events: number) => void);
    add(file: number, events: number): this;
    remove(file: number): this;
    close(): void;
  }
  const epoll: { Epoll: typeof Epoll };

  // biome-ignore lint/style/noDefaultExport: that is how Node gives a CommonJS package
  export { epoll as default };
}
