import { systemNow } from '../clock.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { contentOf, emptyFolder, faultLine, passedOverText, type FolderContent } from '../folder/content.ts'
import { readFolders, type Reading } from '../folder/reading.ts'
import { FolderWatch } from '../folder/watch.ts'
import { plainText } from '../plainText.ts'
import type { Streams } from '../streams.ts'
import { builtinText, compileOptionsOf, installationIn, listenAddresses, withinInstallation } from './installation.ts'
import { devHelp, readDevOptions, type DevOptions } from './options.ts'
import { ensureFree } from './ports.ts'
import { makePushFolder } from './pushFolder.ts'
import { Report } from './report.ts'
import { Session } from './session.ts'

/** @throws CommandError when there is anything that the API server would refuse, after all of it was named */
function soundContent(reading: Reading, { err }: Streams): FolderContent {
  const content = contentOf(reading, emptyFolder)
  for (const fault of content.faults) err(`${plainText(faultLine(fault))}\n`)
  const count = content.faults.length
  if (count > 0) {
    throw new CommandError(
      `${count} ${count === 1 ? 'fault' : 'faults'} in the folder; mend it first`,
      exitStatus.failure,
    )
  }
  for (const folder of reading.passedOver) err(`${plainText(folder)}: folders within are not read\n`)
  err(passedOverText(content))
  return content
}

/** Resolves when the user asks for the end, or when nobody reads standard output any more. */
const asked = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve())
    process.stdout.on('error', () => resolve())
  })

/** What ends a run: the user, or the death of one of its processes. */
async function end(session: Session, request: Promise<void>): Promise<number> {
  const dead = await Promise.race([session.death, request])
  if (typeof dead !== 'string') return exitStatus.ok
  throw new CommandError(`${dead} has ended, so dev ends too; its own lines above say why`, exitStatus.failure)
}

async function run(options: DevOptions, streams: Streams): Promise<number> {
  const request = asked()
  const reading = await readFolders(options.folders)
  const content = soundContent(reading, streams)
  const installation = installationIn(content.objects)
  if (installation.builtin) streams.err(`# No Gatehouse in the folder; this one is used:\n${builtinText}`)
  const compile = compileOptionsOf(options, installation)
  await ensureFree(options.admin, 'the admin server (--admin)')
  for (const { at, listener } of listenAddresses(installation.spec, compile)) {
    await ensureFree(at, `listener ${listener} (--http and --https move the first of their protocol)`)
  }
  const report = new Report(installation, compile, streams.err)
  report.tell(content)
  const push = await makePushFolder(installation.ref, systemNow())
  const session = new Session({
    installation,
    compile,
    admin: options.admin,
    push,
    content,
    out: process.stdout,
    err: streams.err,
  })
  let current = content
  const watch = new FolderWatch(options.folders, reading, (changed) => {
    current = withinInstallation(contentOf(changed, current), installation)
    report.tell(current)
    session.replace(current)
  })
  try {
    const ending = end(session, request)
    const served = session.serve()
    // Whatever ends the run first also ends the wait for readiness.
    await Promise.race([served, ending])
    return await ending
  } finally {
    watch.close()
    await session.close()
    await push.remove()
  }
}

/** `gatehouse dev`. */
export async function devCommand(args: readonly string[], streams: Streams): Promise<number> {
  const options = await readDevOptions(args)
  if (options === null) {
    streams.out(devHelp)
    return exitStatus.ok
  }
  return await run(options, streams)
}
