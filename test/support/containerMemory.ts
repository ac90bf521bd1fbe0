/**
 * Options of Node for what it takes of itself in a container limited to 512 MiB, as the chart limits both programs: half of
 * it, of which one MiB for each of three spaces for new objects.
 */
export const containerMemory = '--max-old-space-size=256 --max-semi-space-size=1'
