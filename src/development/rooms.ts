/** The rooms of the source tree: the contents of each, and the rooms and packages that it may import. */

import { innerRooms } from "./innerRooms.ts"
import { outerRooms } from "./outerRooms.ts"

export interface Room {
  /** The contents of the room, as one sentence without its full stop. */
  readonly holds: string
  readonly rooms: ReadonlyArray<RoomName>
  /** Packages and Node's own modules. `node:*` means every module of Node. */
  readonly packages: ReadonlyArray<string>
}

/**
 * Names are folders: `machines`, or a folder under `src`. `src` itself is the room of the files directly in it. A file
 * belongs to the room with the longest matching name.
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
  "envelope",
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
