import { Worker } from 'node:worker_threads'
import type { BodyJob, BodyReply } from '../policy/bodyCheck.ts'

/** What a worker says of a body; `unavailable` = it was not looked at, or not in time. */
export type WorkerVerdict = BodyReply | 'unavailable'

/** Checks bodies that are too large, or cost too much, for the thread that serves everybody. */
export interface BodyWorkers {
  /** @param namespace - whose turn it is: one of many does not wait for the bodies of another */
  check(namespace: string, job: BodyJob): Promise<WorkerVerdict>
  /** Jobs that wait or run. */
  busy(): number
  /** Ends all workers; what they were at is unavailable. */
  close(): Promise<void>
}

export interface BodyWorkerOptions {
  /** The module that a worker runs. */
  readonly entry: URL
  /** Default 2; one is always left to the namespaces that have none. */
  readonly workers?: number
  /** Milliseconds that one body may take, with the start of a worker. */
  readonly deadline?: number
  /** Most jobs of one namespace that wait. */
  readonly queue?: number
}

const defaults = { workers: 2, deadline: 2_000, queue: 32 }
const memory = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 }

interface Waiting {
  readonly job: BodyJob
  readonly done: (verdict: WorkerVerdict) => void
}

export const createBodyWorkers = (options: BodyWorkerOptions): BodyWorkers => new Pool({ ...defaults, ...options })

class Pool implements BodyWorkers {
  readonly #options: Required<BodyWorkerOptions>
  readonly #idle: Worker[] = []
  readonly #all = new Set<Worker>()
  /** In the order in which namespaces have their turn. */
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #running = new Map<string, number>()
  #busy = 0
  #closed = false

  constructor(options: Required<BodyWorkerOptions>) {
    this.#options = options
  }

  busy(): number {
    return this.#busy
  }

  check(namespace: string, job: BodyJob): Promise<WorkerVerdict> {
    const queue = this.#waiting.get(namespace) ?? []
    if (this.#closed || queue.length >= this.#options.queue) return Promise.resolve('unavailable')
    return new Promise((done) => {
      this.#busy++
      queue.push({ job, done })
      this.#waiting.set(namespace, queue)
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const queue of this.#waiting.values()) for (const { done } of queue) this.#finish(done, 'unavailable')
    this.#waiting.clear()
    await Promise.all([...this.#all].map((worker) => worker.terminate()))
  }

  #finish(done: (verdict: WorkerVerdict) => void, verdict: WorkerVerdict): void {
    this.#busy--
    done(verdict)
  }

  /** Gives work to whoever is free. */
  #next(): void {
    for (const [namespace, queue] of this.#waiting) {
      const running = this.#running.get(namespace) ?? 0
      if (running >= Math.max(1, this.#options.workers - 1)) continue
      const worker = this.#worker()
      if (worker === null) return
      const waiting = queue.shift()!
      // Behind the others for its next turn.
      this.#waiting.delete(namespace)
      if (queue.length > 0) this.#waiting.set(namespace, queue)
      this.#running.set(namespace, running + 1)
      this.#run(worker, namespace, waiting)
    }
  }

  #worker(): Worker | null {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#all.size >= this.#options.workers) return null
    const worker = new Worker(this.#options.entry, { resourceLimits: memory, stdin: false, env: {}, execArgv: [] })
    this.#all.add(worker)
    worker.unref()
    worker.on('error', ignore)
    worker.on('exit', () => {
      this.#all.delete(worker)
      const at = this.#idle.indexOf(worker)
      if (at !== -1) this.#idle.splice(at, 1)
    })
    return worker
  }

  #run(worker: Worker, namespace: string, { job, done }: Waiting): void {
    const conclude = (verdict: WorkerVerdict, isWell: boolean): void => {
      clearTimeout(deadline)
      worker.off('message', replied).off('exit', ended)
      const running = (this.#running.get(namespace) ?? 1) - 1
      if (running > 0) this.#running.set(namespace, running)
      else this.#running.delete(namespace)
      if (isWell) this.#idle.push(worker)
      this.#finish(done, verdict)
      if (!this.#closed) this.#next()
    }
    const replied = (reply: BodyReply): void => conclude(reply, true)
    const ended = (): void => conclude('unavailable', false)
    // One that does not answer in time is replaced: nothing else interrupts what it is at.
    const deadline = setTimeout(() => {
      void worker.terminate()
    }, this.#options.deadline)
    worker.on('message', replied).on('exit', ended)
    worker.postMessage(job)
  }
}

const ignore = (): void => {}
