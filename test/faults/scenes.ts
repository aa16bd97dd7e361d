import { CLOCK_SET } from './clock.ts'
import { DESCRIPTORS_USED_UP } from './descriptors.ts'
import { CACHE_DISK_FULL, CACHE_DISK_READ_ONLY } from './disk.ts'
import { EDGE_KILLED, ONLY_EDGE_KILLED } from './edge-killed.ts'
import type { Scene } from './scene.ts'
import { SLOW_CLIENTS } from './slow-clients.ts'
import { STORE_DISK_FULL, STORE_DISK_READ_ONLY } from './store-disk.ts'

export const SCENES: readonly Scene[] = [
  EDGE_KILLED,
  ONLY_EDGE_KILLED,
  SLOW_CLIENTS,
  DESCRIPTORS_USED_UP,
  CLOCK_SET,
  CACHE_DISK_FULL,
  CACHE_DISK_READ_ONLY,
  STORE_DISK_FULL,
  STORE_DISK_READ_ONLY,
]
