import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * A wire between hr and the HR system's receiver that a test can cut at any point: `hold` lets requests through and keeps
 * the answers back, `shut` lets nobody in, `open` lets everything pass (held answers of dead connections are lost).
 */
export type Gate = {
  readonly url: string;
  hold(): void;
  shut(): void;
  open(): void;
  /** Answers that are being held now. */
  readonly held: number;
  close(): Promise<void>;
};

type State = "open" | "holding" | "shut";

export async function openGate(target: string): Promise<Gate> {
  const behind = new URL(target);
  const sockets = new Set<Socket>();
  let state: State = "open";
  let kept: { to: Socket; bytes: Buffer }[] = [];
  const server = createServer((front) => {
    if (state === "shut") {
      front.destroy();
      return;
    }
    const back = connect(Number(behind.port), behind.hostname);
    for (const socket of [front, back]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    front.on("data", (bytes) => back.write(bytes));
    back.on("data", (bytes) => {
      if (state === "holding") kept.push({ to: front, bytes });
      else front.write(bytes);
    });
    // A killed peer ends its half by a reset; the other half follows.
    front.on("error", () => back.destroy());
    back.on("error", () => front.destroy());
    front.on("close", () => back.destroy());
    back.on("close", () => front.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${behind.pathname}`,
    hold: () => {
      state = "holding";
    },
    shut: () => {
      state = "shut";
      for (const socket of sockets) socket.destroy();
    },
    open: () => {
      state = "open";
      for (const { to, bytes } of kept) if (!to.destroyed) to.write(bytes);
      kept = [];
    },
    get held() {
      return kept.length;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
