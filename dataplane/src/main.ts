import { ConfigError, readConfig, type DataplaneConfig } from './config.ts'
import { startDataplane } from './runtime.ts'
import { fileSink } from './telemetry/fileSink.ts'

/** Exit status of a process that was configured wrongly (EX_CONFIG of sysexits.h). */
const configExit = 78

function configOrExit(): DataplaneConfig {
  try {
    return readConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(configExit)
  }
}

const dataplane = await startDataplane(configOrExit(), { sink: fileSink(1) })

let stopping = false
const stop = async (): Promise<void> => {
  if (stopping) return
  stopping = true
  await dataplane.drain()
  process.exit(0)
}
process.on('SIGTERM', () => void stop())
process.on('SIGINT', () => void stop())
process.on('uncaughtException', (error) => {
  void dataplane.failed(error).finally(() => process.exit(1))
})
