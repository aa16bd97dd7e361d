/** Why a URL is answered as it is, for an operator who knows FastDFS or MogileFS and not the edge. */
export interface Cause {
  readonly status: 200 | 400 | 403 | 404 | 414 | 500 | 502 | 503 | 504
  /** What is wrong and what to do; `{name}` is filled in. */
  readonly sentence: string
}
