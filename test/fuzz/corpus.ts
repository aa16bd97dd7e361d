import ids from '../fixtures/fastdfs-file-ids.json' with { type: 'json' }
import fastdfsWire from '../fixtures/fastdfs-wire.json' with { type: 'json' }
import mogilefsWire from '../fixtures/mogilefs-wire.json' with { type: 'json' }
import mogstored from '../fixtures/mogstored-http.json' with { type: 'json' }

// What real daemons made and said: most cases begin with one of these.

/** `group1/M00/00/00/..` */
export const FILE_IDS: readonly string[] = ids.map(({ file_id }) => file_id)

/** Bodies of FastDFS's requests and answers, a character for each byte. */
export const FASTDFS_BODIES: readonly string[] = fastdfsWire.flatMap(({ request, response }) =>
  [request.body_hex, response.body_hex].map((hex = '') => fromHex(hex)),
)

/** Lines of a MogileFS tracker. */
export const TRACKER_LINES: readonly string[] = mogilefsWire.flatMap(({ response }) =>
  typeof response === 'string' ? [response] : [],
)

/** Lines that it was asked. */
export const TRACKER_QUESTIONS: readonly string[] = mogilefsWire.flatMap(({ request }) =>
  typeof request === 'string' ? [request] : [],
)

/** Whole answers of a mogstored. */
export const STORAGE_ANSWERS: readonly string[] = mogstored.flatMap((exchange) => {
  const { status_and_headers: head, body } = exchange
  return head === undefined ? [] : [`${head.join('\r\n')}\r\n\r\n${body ?? ''}`]
})

function fromHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1')
}
