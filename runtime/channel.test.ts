import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { z } from "zod";
import { type Channel, connectChannel, serveChannel } from "./channel.ts";

const message = z.object({ count: z.number() }).loose();
type Message = z.output<typeof message>;

function resolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const pair = async (t: Test): Promise<{ path: string; here: Channel<Message>; there: Channel<Message> }> => {
  // Not t.testdir(): a socket's path has at most 107 characters (unix(7)).
  const folder = await mkdtemp(join(tmpdir(), "candor-channel-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, "a.sock");
  await writeFile(path, "left by a process that died");
  const opened = resolvers<Channel<Message>>();
  const served = await serveChannel({ path, incoming: message, onOpen: opened.resolve });
  t.teardown(() => served.close());
  const here = await connectChannel({ path, incoming: message });
  return { path, here, there: await opened.promise };
};

t.test("messages and their bytes arrive whole and in order", async (t) => {
  const { here, there, path } = await pair(t);
  t.equal((await stat(path)).mode & 0o777, 0o600, "nobody else may connect");
  const seen: [number, number][] = [];
  const done = new Promise<void>((resolve) => {
    there.onMessage((one, bytes) => {
      seen.push([one.count, bytes?.length ?? 0]);
      if (one.count === 3) resolve();
    });
  });
  here.send({ count: 1 });
  here.send({ count: 2 }, Buffer.alloc(200_000, 10));
  here.send({ count: 3 });
  await done;
  t.same(seen, [
    [1, 0],
    [2, 200_000],
    [3, 0],
  ]);
});

t.test("a line that does not parse is told and the connection goes on", async (t) => {
  const { path } = await pair(t);
  const opened = resolvers<Channel<Message>>();
  const second = `${path}.second`;
  const served = await serveChannel({ path: second, incoming: message, onOpen: opened.resolve });
  t.teardown(() => served.close());
  const raw = connect(second);
  const there = await opened.promise;
  const faults: unknown[] = [];
  there.onFault((fault) => faults.push(fault));
  const arrived = new Promise<Message>((resolve) => there.onMessage(resolve));
  raw.write('not json\n{"count":"one"}\n{"count":7}\n');
  t.match(await arrived, { count: 7 });
  t.match(faults, [{ code: "message.malformed" }, { code: "message.malformed", field: "count" }]);
  raw.destroy();
});

t.test("pictures are dropped when the reader is slow, never queued without bound", async (t) => {
  const { here } = await pair(t);
  const sent = Array.from({ length: 50 }, (_, count) => here.send({ count }, Buffer.alloc(900_000)));
  t.equal(sent[0], true);
  t.ok(sent.filter((taken) => !taken).length > 30, "most of 50 pictures at once are dropped");
});

t.test("says that nobody listens", async (t) => {
  await t.rejects(connectChannel({ path: join(tmpdir(), "nobody.sock"), incoming: message }), {
    code: "peer.unreachable",
  });
});
