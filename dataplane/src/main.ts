import { ConfigError, readConfig, type DataplaneConfig } from './config.ts'
import { startDataplane, type Dataplane } from './runtime.ts'
import { fileSink } from './telemetry/fileSink.ts'

/** Exit status of a process that was configured wrongly (EX_CONFIG of sysexits.h). */
const configExit = 78
/** Exit status of a process that was told to end before it had begun (128 + SIGTERM). */
const signalExit = 143

/** What a person has to mend says so in a sentence; anything else is a fault of this program. */
function refuse(error: unknown): never {
  if (!(error instanceof ConfigError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(configExit)
}

function configOrExit(): DataplaneConfig {
  try {
    return readConfig()
  } catch (error) {
    return refuse(error)
  }
}

/** Null while it starts, when there is nothing to drain. */
let dataplane: Dataplane | null = null
let stopping = false

// The first process of a container gets no signal that it has not asked for.
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  await dataplane?.drain()
  process.exit(dataplane === null ? signalExit : 0)
}
process.on('SIGTERM', () => void stop())
process.on('SIGINT', () => void stop())

dataplane = await startDataplane(configOrExit(), { sink: fileSink(1) }).catch(refuse)
const { failed } = dataplane
process.on('uncaughtException', (error) => {
  void failed(error).finally(() => process.exit(1))
})
