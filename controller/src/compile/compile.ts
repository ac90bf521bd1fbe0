import type { World } from '../world.ts'
import { createCompiler } from './compiler.ts'
import type { CompileOptions, InstallationRef } from './options.ts'
import type { Compilation } from './verdict.ts'

/** Compiles one world for one installation, as {@link createCompiler} says. Pure. */
export const compile = (world: World, installation: InstallationRef, options: CompileOptions): Compilation =>
  createCompiler(installation).compile(world, options)
