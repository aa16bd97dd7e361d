/** The same thing is said once in this time, with a count. */
const REPEAT_MS = 10_000
/** Different things that are counted at a time. */
const TOPICS_MAX = 1000

/** Says something; `again` is empty, or how often it happened and was not said. */
export type Say = (again: { readonly repeats?: number }) => void

interface Topic {
  saidAt: number
  repeats: number
  /** What happened last. */
  say: Say
}

/** Says what repeats once in a while, with a count; also how often it happened before it stopped. */
export class Repeats {
  readonly #now: () => number
  readonly #topics = new Map<string, Topic>()
  #timer: NodeJS.Timeout | undefined

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  say(key: string, say: Say): void {
    const topic = this.#topics.get(key)
    if (topic === undefined) {
      this.#begin(key, say)
      return
    }
    topic.say = say
    topic.repeats += 1
    if (this.#isDue(topic)) this.#sayAgain(topic, topic.repeats - 1)
    else this.#schedule()
  }

  /** Says what has not been said yet. */
  close(): void {
    clearTimeout(this.#timer)
    for (const topic of this.#topics.values()) this.#sayRest(topic)
    this.#topics.clear()
  }

  #begin(key: string, say: Say): void {
    const [oldest] = this.#topics
    if (this.#topics.size >= TOPICS_MAX && oldest !== undefined) {
      this.#topics.delete(oldest[0])
      this.#sayRest(oldest[1])
    }
    this.#topics.set(key, { saidAt: this.#now(), repeats: 0, say })
    say({})
  }

  #isDue({ saidAt }: Topic): boolean {
    return this.#now() - saidAt >= REPEAT_MS
  }

  #sayRest(topic: Topic): void {
    if (topic.repeats > 0) this.#sayAgain(topic, topic.repeats)
  }

  #sayAgain(topic: Topic, repeats: number): void {
    topic.saidAt = this.#now()
    topic.repeats = 0
    topic.say(repeats === 0 ? {} : { repeats })
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#sweep(), REPEAT_MS).unref()
  }

  /** What did not happen again says its last count, and is then as good as new. */
  #sweep(): void {
    this.#timer = undefined
    for (const [key, topic] of this.#topics) {
      if (!this.#isDue(topic)) continue
      if (topic.repeats === 0) this.#topics.delete(key)
      else this.#sayRest(topic)
    }
    if ([...this.#topics.values()].some(({ repeats }) => repeats > 0)) this.#schedule()
  }
}
