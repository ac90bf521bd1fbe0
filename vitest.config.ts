import { defineConfig } from 'vitest/config'

interface Layer {
  readonly name: string
  readonly include: readonly string[]
  /** Milliseconds that one test may take. */
  readonly timeout: number
  /** Files of a layer that measures or that shares one cluster run one after the other. */
  readonly alone?: boolean
  /** Files at a time, of a layer that waits for other processes more than it computes; absent = one less than there are cores. */
  readonly atOnce?: number
  /** Runs once before the layer's first file, in the main process. */
  readonly setup?: string
}

/** From the inside out; what each needs is said by `make help` and at the end of `make test`. */
const layers: readonly Layer[] = [
  { name: 'unit', include: ['{crds,dataplane,controller,cli,scripts}/**/*.test.ts'], timeout: 20_000 },
  { name: 'gates', include: ['test/architecture/**/*.test.ts'], timeout: 60_000 },
  { name: 'golden', include: ['test/golden/**/*.test.ts'], timeout: 60_000 },
  { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], timeout: 60_000 },
  { name: 'wire', include: ['test/wire/**/*.test.ts'], timeout: 60_000 },
  { name: 'store', include: ['test/store/**/*.test.ts'], timeout: 60_000, atOnce: 3 },
  { name: 'attack', include: ['test/attack/**/*.test.ts'], timeout: 60_000 },
  { name: 'dev', include: ['test/dev/**/*.test.ts'], timeout: 120_000, alone: true },
  { name: 'charts', include: ['test/charts/**/*.test.ts'], timeout: 120_000 },
  { name: 'apiserver', include: ['test/apiserver/**/*.test.ts'], timeout: 180_000, alone: true },
  { name: 'e2e', include: ['test/e2e/**/*.test.ts'], timeout: 300_000, alone: true },
  { name: 'node', include: ['test/node/**/*.test.ts'], timeout: 120_000, alone: true, setup: 'test/node/setup.ts' },
]

export default defineConfig({
  test: {
    projects: layers.map(({ name, include, timeout, alone, atOnce, setup }) => ({
      test: {
        name,
        include: [...include],
        exclude: ['**/node_modules/**'],
        environment: 'node',
        globalSetup: setup === undefined ? [] : [setup],
        setupFiles: ['test/support/seed.ts'],
        pool: 'forks',
        fileParallelism: alone !== true,
        // Vitest wants those apart that run another number of files at a time.
        ...(atOnce !== undefined && { maxWorkers: atOnce, sequence: { groupOrder: 1 } }),
        testTimeout: timeout,
        hookTimeout: Math.max(60_000, timeout),
        retry: 0,
        passWithNoTests: true,
      },
    })),
  },
})
