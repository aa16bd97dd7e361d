import { EDGE_KILLED, ONLY_EDGE_KILLED } from './edge-killed.ts'
import type { Scene } from './scene.ts'

export const SCENES: readonly Scene[] = [EDGE_KILLED, ONLY_EDGE_KILLED]
