/** The rooms of the source tree: what each holds, and which rooms and packages it may import. All else is refused. */

import { innerRooms } from "./innerRooms.ts"
import { outerRooms } from "./outerRooms.ts"

export interface Room {
  /** What a reader finds there, in one sentence without its full stop. */
  readonly holds: string
  readonly rooms: ReadonlyArray<RoomName>
  /** Packages and Node's own modules. `node:*` stands for every module of Node. */
  readonly packages: ReadonlyArray<string>
}

/**
 * Names are folders: `machines`, or a folder under `src`. `src` itself is the room of the files that stand beside those
 * folders. A file belongs to the room with the longest name that fits.
 */
export const roomNames = [
  "machines",
  "encoding",
  "platform",
  "domain",
  "records",
  "plan",
  "store",
  "store/memory",
  "store/sqlite",
  "proof",
  "nodes",
  "store/postgres",
  "audit",
  "crypto",
  "timers",
  "ram",
  "actor",
  "verification",
  "transfer",
  "reseal",
  "certificate",
  "authorization",
  "operation",
  "requests",
  "wire",
  "monitoring",
  "seed",
  "visualizer",
  "src",
  "conformance",
  "console",
  "console/server",
  "console/app",
  "playground",
  "server",
  "cli",
  "development"
] as const
export type RoomName = (typeof roomNames)[number]

/** Every allowed import between rooms. A room may import its own files; what is not listed here is refused. */
export const rooms: Readonly<Record<RoomName, Room>> = { ...innerRooms, ...outerRooms }
