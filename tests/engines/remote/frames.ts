import type { Socket } from "node:net";

/**
 * What travels between the daemon and its clients: frames of a channel (one byte), three zero bytes, the length (four
 * bytes, big-endian) and so many bytes, as the Docker Engine API multiplexes the streams of an attached container.
 */
export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, message: 3 } as const;

/** One frame. */
export interface Frame {
  readonly channel: number;
  readonly bytes: Uint8Array;
}

const HEADER = 8;

/** The frames of a connection, until it is closed. */
export async function* framesOf(socket: Socket): AsyncGenerator<Frame> {
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    while (rest.length >= HEADER && rest.length >= HEADER + rest.readUInt32BE(4)) {
      const end = HEADER + rest.readUInt32BE(4);
      yield { channel: rest[0]!, bytes: rest.subarray(HEADER, end) };
      rest = rest.subarray(end);
    }
  }
}

/** Sends a frame; settles when there is room for more. Rejects when nobody is there to read it. */
export async function send(socket: Socket, channel: number, bytes: Uint8Array): Promise<void> {
  const header = Buffer.alloc(HEADER);
  header[0] = channel;
  header.writeUInt32BE(bytes.length, 4);
  if (socket.destroyed) throw new Error("the connection is closed");
  socket.write(header);
  if (socket.write(bytes)) return;
  await new Promise<void>((resolve, reject) => {
    const closed = () => reject(new Error("the connection is closed"));
    socket.once("close", closed);
    socket.once("drain", () => {
      socket.off("close", closed);
      resolve();
    });
  });
}

/** Sends a value as JSON. */
export function tell(socket: Socket, value: unknown): Promise<void> {
  return send(socket, CHANNEL.message, Buffer.from(JSON.stringify(value)));
}
