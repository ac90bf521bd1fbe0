import { newSpace } from '../../scripts/images/memory.ts'

/** Options of Node: what it takes of itself in a container limited to 512 MiB, as the chart limits both programs, and what the images say. */
export const containerMemory = `--max-old-space-size=256 ${newSpace}`
