import {
  type Facts,
  type FastdfsRef,
  type Forgotten,
  type Found,
  type MogilefsRef,
  NOTHING_FORGOTTEN,
  type Ref,
  type RefPrefix,
  type ResolveOptions,
  type Resolver,
} from './resolver.ts'

export interface ResolverPerSystem {
  readonly fastdfs?: Resolver<FastdfsRef>
  readonly mogilefs?: Resolver<MogilefsRef>
}

/** One resolver for the refs of all systems that are served; there is no file in any other. */
export class AllSystems implements Resolver {
  readonly #resolvers: ResolverPerSystem

  constructor(resolvers: ResolverPerSystem) {
    this.#resolvers = resolvers
  }

  async resolve(ref: Ref, options?: ResolveOptions): Promise<Found | null> {
    const { fastdfs, mogilefs } = this.#resolvers
    const found =
      ref.system === 'fastdfs' ? fastdfs?.resolve(ref, options) : mogilefs?.resolve(ref, options)
    return (await found) ?? null
  }

  confirm(ref: Ref, facts: Facts): void {
    const { fastdfs, mogilefs } = this.#resolvers
    if (ref.system === 'fastdfs') fastdfs?.confirm(ref, facts)
    else mogilefs?.confirm(ref, facts)
  }

  rememberNotFound(ref: Ref): void {
    const { fastdfs, mogilefs } = this.#resolvers
    if (ref.system === 'fastdfs') fastdfs?.rememberNotFound(ref)
    else mogilefs?.rememberNotFound(ref)
  }

  contentKey(ref: Ref): string | undefined {
    const { fastdfs, mogilefs } = this.#resolvers
    return ref.system === 'fastdfs' ? fastdfs?.contentKey(ref) : mogilefs?.contentKey(ref)
  }

  forget(ref: Ref): Forgotten {
    const { fastdfs, mogilefs } = this.#resolvers
    const forgotten = ref.system === 'fastdfs' ? fastdfs?.forget(ref) : mogilefs?.forget(ref)
    return forgotten ?? NOTHING_FORGOTTEN
  }

  forgetPrefix(prefix: RefPrefix): Forgotten {
    return this.#resolvers[prefix.system]?.forgetPrefix(prefix) ?? NOTHING_FORGOTTEN
  }
}
