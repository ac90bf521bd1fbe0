import type { World } from '../world.ts'
import { createCompiler } from './compiler.ts'
import type { CompileOptions, InstallationRef } from './options.ts'
import type { Compilation } from './verdict.ts'

/**
 * Compiles one world for one installation, as {@link createCompiler} says. Pure.
 *
 * @returns resources sorted by key
 */
export function compile(world: World, installation: InstallationRef, options: CompileOptions): Compilation {
  const { set, verdicts } = createCompiler(installation).compile(world, options)
  return { resources: set, verdicts }
}
