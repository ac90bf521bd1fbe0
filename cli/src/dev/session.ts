import { keySetPath, type CompileOptions, type HostPort } from '@gatehouse/controller'
import { CommandError, exitStatus } from '../exit.ts'
import { documentsOf, type FolderContent } from '../folder/content.ts'
import { Children, type Child } from './children.ts'
import { Decisions, type DecisionSinks } from './decisions.ts'
import type { LogLine } from './decisionText.ts'
import { gatehouseSpec, listenAddresses, type DevInstallation } from './installation.ts'
import type { DocumentsMessage, ListeningMessage, StartMessage } from './messages.ts'
import { hostPort } from './ports.ts'
import type { PushFolder } from './pushFolder.ts'

/** The first line of standard output. */
export interface ReadyLine {
  readonly ready: true
  readonly http: string | null
  readonly https: string | null
  readonly admin: string
  /** Where backends fetch the keys that requests to them are signed with. */
  readonly keySet: string
}

export interface SessionOptions {
  readonly installation: DevInstallation
  readonly compile: CompileOptions
  readonly admin: HostPort
  readonly push: PushFolder
  readonly content: FolderContent
  readonly out: DecisionSinks['out']
  readonly err: (text: string) => void
}

const textOf = (line: LogLine, field: string): string | null => {
  const value = line[field]
  return typeof value === 'string' ? value : null
}

/** The two processes of a run of dev and what passes between them and the terminal. */
export class Session {
  readonly #options: SessionOptions
  readonly #children = new Children()
  readonly #addresses = new Map<string, string>()
  readonly #controller: Child
  #content: FolderContent
  #applied: () => void = () => {}
  #failed: (error: Error) => void = () => {}

  constructor(options: SessionOptions) {
    this.#options = options
    this.#content = options.content
    this.#controller = this.#children.start('the controller', './controllerMain.ts')
    this.#controller.lines.on('line', (line) => options.err(`${line}\n`))
  }

  /** Resolves with the name of a process that ended though nobody asked it to. */
  get death(): Promise<string> {
    return this.#children.death
  }

  /**
   * Starts to serve, and writes the ready line as soon as it does.
   *
   * @throws CommandError when a socket cannot be opened
   */
  async serve(): Promise<void> {
    const pushPort = await this.#startController()
    const dataplane = this.#startDataplane(pushPort)
    const decisions = new Decisions(dataplane.lines, { ...this.#options, event: (line) => this.#event(line) })
    await new Promise<void>((resolve, reject) => {
      // What was refused of it follows its line at once, and comes first here.
      this.#applied = () => setImmediate(resolve)
      this.#failed = reject
    })
    this.#failed = ({ message }) => this.#options.err(`gatehouse: ${message}\n`)
    decisions.ready(this.#readyLine())
  }

  /** Makes another content of the folder the configuration. */
  replace(content: FolderContent): void {
    this.#content = content
    const message: DocumentsMessage = { type: 'documents', documents: this.#documents(content) }
    this.#controller.process.send(message)
  }

  async close(): Promise<void> {
    await this.#children.stop()
  }

  #documents(content: FolderContent): DocumentsMessage['documents'] {
    return documentsOf(content.objects, this.#options.installation.builtin)
  }

  async #startController(): Promise<number> {
    const { installation, compile, push, content } = this.#options
    const message: StartMessage = {
      type: 'start',
      installation: installation.ref,
      pushDirectory: push.of('controller'),
      compile: { address: compile.address, listen: compile.listen, upstreams: [...compile.upstreams] },
      documents: this.#documents(content),
    }
    this.#controller.process.send(message)
    return await new Promise((resolve) => {
      this.#controller.process.once('message', ({ port, keySetPort }: ListeningMessage) => {
        this.#addresses.set('key-set', `http://127.0.0.1:${keySetPort}${keySetPath}`)
        resolve(port)
      })
    })
  }

  #startDataplane(pushPort: number): Child {
    const { installation, push, admin } = this.#options
    return this.#children.start('the data plane', './dataplaneMain.ts', {
      GATEHOUSE_INSTALLATION: `${installation.ref.namespace}/${installation.ref.name}`,
      GATEHOUSE_CONTROLLERS: `127.0.0.1:${pushPort}`,
      GATEHOUSE_PUSH_DIRECTORY: push.of('dataplane'),
      GATEHOUSE_INSTANCE: 'dev',
      GATEHOUSE_ADMIN: hostPort(admin),
      GATEHOUSE_METRICS_PER_ROUTE: 'true',
      GATEHOUSE_DRAIN_DELAY: '0',
      GATEHOUSE_DRAIN_DEADLINE: '2000',
    })
  }

  #event(line: LogLine): void {
    const event = textOf(line, 'event')
    const address = textOf(line, 'address') ?? ''
    const resource = textOf(line, 'resource') ?? ''
    if (event === 'admin-listening') this.#addresses.set('admin', address)
    if (event === 'listening') this.#addresses.set(resource, address)
    if (event === 'config-applied') this.#applied()
    if (event === 'config-nacked') this.#fail('the data plane did not take the configuration; its line above says why')
    if (event === 'resource-refused' && textOf(line, 'field') === '/port') this.#fail(this.#unopened(resource))
  }

  #unopened(resource: string): string {
    const { compile, installation } = this.#options
    const spec = gatehouseSpec(this.#content.objects) ?? installation.spec
    const place = listenAddresses(spec, compile).find(({ listener }) => resource === `listener/${listener}`)
    const at = place ? hostPort(place.at) : 'its address'
    return `${at}, for ${resource}, cannot be opened; choose another or free it`
  }

  #fail(sentence: string): void {
    this.#failed(new CommandError(sentence, exitStatus.failure))
  }

  #readyLine(): ReadyLine {
    const firstOf = (protocol: 'HTTP' | 'HTTPS'): string | null => {
      const listener = this.#options.installation.spec.listeners.find((one) => one.protocol === protocol)
      return (listener && this.#addresses.get(`listener/${listener.name}`)) ?? null
    }
    return {
      ready: true,
      http: firstOf('HTTP'),
      https: firstOf('HTTPS'),
      admin: this.#addresses.get('admin') ?? '',
      keySet: this.#addresses.get('key-set') ?? '',
    }
  }
}
