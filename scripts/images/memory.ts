/** Of libc: with one arena for each of libuv's threads, each would keep what it once took to write lines. */
export const allocator = { MALLOC_ARENA_MAX: '1' } as const

/**
 * MiB of each of the three spaces for new objects. In a container limited to 512 MiB V8 takes one, which it collects so often
 * that a request costs a quarter more; beyond four nothing gets cheaper.
 */
export const newSpace = '--max-semi-space-size=4'
