import assert from 'node:assert/strict'
import { get, type IncomingMessage } from 'node:http'
import { before, describe, it } from 'node:test'
import { MogilefsNginx } from '../support/mogilefs-nginx.ts'

/** Content that tells which key it belongs to. */
const contentOf = (domain: string, key: string): Buffer => Buffer.from(`${domain} ${key}`)

/** Key -> how it stands in a URL, behind /img/. */
const KEYS: readonly (readonly [key: string, path: string])[] = [
  ['plain.jpg', 'plain.jpg'],
  ['a/b/c.jpg', 'a/b/c.jpg'],
  ['a//b', 'a//b'],
  ['a/b', 'a/b'],
  ['/leading.jpg', '/leading.jpg'],
  ['leading.jpg', 'leading.jpg'],
  ['trailing/', 'trailing/'],
  ['a///b//', 'a///b//'],
  ['slash', '%73lash'],
  ['in/encoded', 'in%2Fencoded'],
  ['100%', '100%25'],
  ['%41', '%2541'],
  ['%2F', '%252F'],
  ['a+b', 'a+b'],
  ['a+c', 'a%2Bc'],
  ['a b', 'a%20b'],
  ['why?', 'why%3F'],
  ['x?a=1&b=2', 'x%3Fa=1&b=2'],
  ['#tag', '%23tag'],
  ['back\\slash', 'back%5Cslash'],
  ['&=;,:@$!*()\'"<>[]{}|^`~', "&=;,:@$!*()'%22%3C%3E%5B%5D%7B%7D%7C%5E%60~"],
  ['买家秀/图1.jpg', '%E4%B9%B0%E5%AE%B6%E7%A7%80/%E5%9B%BE1.jpg'],
  ['ü.jpg', '%c3%bc.jpg'],
  ['🐎', '%F0%9F%90%8E'],
  ['.hidden/..x/x..', '.hidden/..x/x..'],
  ['dfs-pass/dfs-key/dfs-content/x', 'dfs-pass/dfs-key/dfs-content/x'],
  ['dfs-question', 'dfs-question'],
  ['dfs-denied/x', 'dfs-denied/x'],
  ['mogilefs fid 1 bytes=0-65535', 'mogilefs%20fid%201%20bytes=0-65535'],
  ['M00/00/00/fwAAA2sDFtyAYcJyAAB4AIokZSM648.jpg', 'M00/00/00/fwAAA2sDFtyAYcJyAAB4AIokZSM648.jpg'],
  ['字'.repeat(255), encodeURIComponent('字').repeat(255)],
  [`${'k'.repeat(251)}.jpg`, `${'k'.repeat(251)}.jpg`],
]

/** No key, or none that is there. */
const REFUSED: readonly (readonly [path: string, status: number])[] = [
  [`${'k'.repeat(256)}`, 400],
  ['%00', 400],
  ['a%0Ab', 400],
  ['%7F', 400],
  ['%FF', 400],
  ['%zz', 400],
  ['', 404],
  ['PLAIN.jpg2', 404],
  ['plain.jpg/', 404],
  ['plain.jpg%20x', 404],
]

describe('a key in a URL, through nginx', () => {
  const nginx = MogilefsNginx.use()
  before(async () => {
    for (const [key] of KEYS) await nginx.stack.putAs(key, contentOf('img', key))
  })

  for (const [key, path] of KEYS) {
    it(`${path.slice(0, 60)} is ${key.slice(0, 40)}`, async () => {
      const alone = await nginx.alone(`/img/${path}`)
      assert.equal(`${alone.body}`, `${contentOf('img', key)}`)
      // At a question mark nginx would cut the URI on its way to the cache.
      for (const status of key.includes('?') ? [undefined] : ['MISS', 'HIT']) {
        const { body, headers } = await nginx.request(`/img/${path}`)
        assert.equal(`${body}`, `${contentOf('img', key)}`)
        assert.equal(headers['x-cache-status'], status)
        assert.equal(headers['etag'], alone.headers['etag'])
        assert.equal(headers['content-type'], alone.headers['content-type'])
      }
      const ranges = { headers: { Range: 'bytes=0-0,2-2' } }
      assert.equal((await nginx.request(`/img/${path}`, ranges)).status, 206, 'past the cache')
    })
  }

  for (const [path, status] of REFUSED) {
    it(`${path.slice(0, 40)} is ${status}`, async () => {
      assert.equal((await nginx.alone(`/img/${path}`)).status, status)
      for (let i = 0; i < 2; i++) {
        assert.equal((await nginx.request(`/img/${path}`)).status, status)
      }
    })
  }

  it('leads nowhere else by dots, which nginx resolves', async () => {
    for (const path of [
      'x/..%2Fplain.jpg',
      'x/../plain.jpg',
      './plain.jpg',
      'x/%2e%2e/plain.jpg',
    ]) {
      const { body } = await nginx.request(`/img/${path}`)
      assert.equal(`${body}`, `${contentOf('img', 'plain.jpg')}`, path)
    }
    for (const path of [
      'q/../../dfs-question',
      'q%2F..%2F..%2Fdfs-question',
      'plain.jpg/../dfs-content/../img/plain.jpg',
      'plain.jpg/%2e%2e/dfs-missing/%2e%2e/img/plain.jpg',
    ]) {
      const { status, headers } = await nginx.request(`/img/${path}`)
      assert.equal(status, 404, path)
      assert.equal(headers['x-dfs-fid'], undefined)
    }
  })

  it('keys alike to MogileFS share the content, and each is answered', async () => {
    const asked = await nginx.questions(async () => {
      const { body } = await nginx.request('/img/PLAIN.JPG')
      assert.equal(`${body}`, `${contentOf('img', 'plain.jpg')}`)
    })
    assert.deepEqual(
      asked.filter((question) => !question.startsWith('facts')),
      [],
    )
  })

  it('arguments that mean nothing are no part of it', async () => {
    for (const query of ['?x=1', '?token=a&ts=1', '?/../../video/x', '?#']) {
      const { body, headers } = await nginx.request(`/img/plain.jpg${query}`)
      assert.equal(`${body}`, `${contentOf('img', 'plain.jpg')}`)
      assert.equal(headers['x-cache-status'], 'HIT', query)
    }
  })

  it('a name to save it under is told to this client alone', async () => {
    for (const [query, disposition] of [
      ['?filename=b.jpg', /^attachment; filename=b\.jpg$/],
      ['?attname=%E5%9B%BE.jpg', /^attachment; filename\*=UTF-8''%E5%9B%BE\.jpg$/],
      ['?filename=a%20b%22c.jpg', /^attachment; filename="a b\\"c\.jpg"/],
      ['?filename=a%0d%0aX:%20b', /^attachment/],
    ] as const) {
      const { headers, body } = await nginx.request(`/img/plain.jpg${query}`)
      assert.match(headers['content-disposition'] ?? '', disposition)
      assert.equal(`${body}`, `${contentOf('img', 'plain.jpg')}`)
      const plain = await nginx.request('/img/plain.jpg')
      assert.equal(plain.headers['content-disposition'], undefined)
    }
  })

  it('no header of a client changes what is found, or what is kept', async () => {
    await nginx.stack.putAs('plain.jpg', contentOf('video', 'plain.jpg'), { domain: 'video' })
    const { headers: own } = await nginx.request('/img/a/b')
    const headers = {
      'X-Mogilefs-Domain': 'video',
      'X-Dfs-Fid': (own['etag'] ?? '').replaceAll('"', ''),
      'X-Dfs-Question': '1',
      'X-Dfs-Token-Checked': 'x',
      'X-Real-IP': '1.2.3.4',
      Cookie: 'x',
    }
    for (const more of [{}, { Range: 'bytes=0-0,2-2' }, { Host: 'video.example.com' }]) {
      for (const path of ['plain.jpg', 'ü.jpg'].map(encodeURIComponent)) {
        const { headers: got } = await nginx.request(`/img/${path}`, {
          headers: { ...headers, ...more },
        })
        assert.equal(got['x-dfs-fid'], undefined)
        assert.equal(got['x-dfs-answer'], undefined)
        const { body } = await nginx.request(`/img/${path}`)
        assert.equal(`${body}`, `${contentOf('img', decodeURIComponent(path))}`)
      }
    }
  })
})

const vhosts = {
  exact: new Map([['img.example.com', 'img']]),
  wildcards: new Map([['.video.example.com', 'video']]),
}

describe('a domain that does not stand in the URL', () => {
  const nginx = MogilefsNginx.use({
    mogilefs: { vhosts },
    server: (dir) => `
      location /fixed/ { set $dfs_domain img; include ${dir}/ngx_mogilefs_module.conf; }
      location /after/ { include ${dir}/ngx_mogilefs_module.conf; set $dfs_domain video; }
      location ~ \\.mp4$ { include ${dir}/ngx_mogilefs_module.conf; }
      location / { include ${dir}/ngx_mogilefs_module.conf; }`,
  })
  const put = (domain: string, key: string) =>
    nginx.stack.putAs(key, contentOf(domain, key), { domain })
  const get = async (target: string, host = 'a'): Promise<string> => {
    const texts: string[] = []
    for (const headers of [{ Host: host }, { Host: host }, { Host: host, Range: 'bytes=0-,0-' }]) {
      const { status, body } = await nginx.request(target, { headers })
      texts.push(status < 300 ? `${body}` : `${status}`)
    }
    assert.deepEqual(texts, [texts[0], texts[0], texts[0]])
    return texts[0] ?? ''
  }
  before(async () => {
    for (const domain of ['img', 'video']) {
      for (const key of ['a.jpg', 'b c//d.mp4', 'fixed/a.jpg', 'after/a.jpg', 'img/a.jpg']) {
        await put(domain, key)
      }
    }
  })

  it('is fixed by the location, in front of the include or behind it', async () => {
    assert.equal(await get('/fixed/a.jpg'), 'img fixed/a.jpg')
    assert.equal(await get('/after/a.jpg'), 'video after/a.jpg')
  })

  it("is fixed by the server's name, and else begins the path", async () => {
    assert.equal(await get('/a.jpg', 'img.example.com'), 'img a.jpg')
    assert.equal(await get('/a.jpg', 'IMG.example.com:8080'), 'img a.jpg')
    assert.equal(await get('/a.jpg', 'x.y.video.example.com'), 'video a.jpg')
    assert.equal(await get('/img/a.jpg', 'img.example.com'), 'img img/a.jpg')
    assert.equal(await get('/img/a.jpg', 'other.example.com'), 'img a.jpg')
    assert.equal(await get('/video/a.jpg', 'other.example.com'), 'video a.jpg')
    assert.equal(await get('/a.jpg', 'other.example.com'), '404')
  })

  it('goes with a location that is a regular expression', async () => {
    assert.equal(await get('/b%20c//d.mp4', 'img.example.com'), 'img b c//d.mp4')
    assert.equal(await get('/video/b%20c//d.mp4'), 'video b c//d.mp4')
  })

  it('leaves what is no key to the edge', async () => {
    assert.equal(await get('/'), '404')
    assert.equal(await get('/img'), '404')
    const options = await nginx.request('/img/a.jpg', { method: 'OPTIONS' })
    assert.equal(options.headers['allow'], 'GET, HEAD, OPTIONS')
    const { status, headers } = await nginx.request('/img/a.jpg', { method: 'PUT' })
    assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD, OPTIONS'])
  })
})

describe('keys that begin with a slash', () => {
  const nginx = MogilefsNginx.use({
    mogilefs: { hasLeadingSlash: true },
    server: (dir) => `
      location /fixed/ { set $dfs_domain img; include ${dir}/ngx_mogilefs_module.conf; }
      location / { include ${dir}/ngx_mogilefs_module.conf; }`,
  })

  it('are those of the edge', async () => {
    for (const key of ['/a.jpg', 'a.jpg', '//a.jpg', '/fixed/a.jpg']) {
      await nginx.stack.putAs(key, contentOf('img', key))
    }
    for (const [target, key] of [
      ['/img/a.jpg', '/a.jpg'],
      ['/img//a.jpg', '//a.jpg'],
      ['/fixed/a.jpg', '/fixed/a.jpg'],
    ] as const) {
      for (let i = 0; i < 2; i++) {
        assert.equal(`${(await nginx.request(target)).body}`, `${contentOf('img', key)}`)
      }
    }
  })
})

describe('a server that merges slashes', () => {
  const nginx = MogilefsNginx.use({
    edit: (text) => text.replace('merge_slashes off', 'merge_slashes on'),
  })

  it('finds the other key for one with two, and keeps it under the other name', async () => {
    await nginx.stack.putAs('a//b', contentOf('img', 'a//b'))
    assert.equal((await nginx.request('/img/a//b')).status, 404)
    assert.equal((await nginx.request('/img/a/b')).status, 404)
    await nginx.stack.putAs('c/d', contentOf('img', 'c/d'))
    await nginx.stack.putAs('c//d', contentOf('img', 'c//d'))
    for (const target of ['/img/c//d', '/img/c/d', '/img/c%2f/d']) {
      assert.equal(`${(await nginx.request(target)).body}`, 'img c/d')
    }
  })
})

describe('a server that is not the first of its port', () => {
  const server = (dir: string) => `location /img/ { include ${dir}/ngx_mogilefs_module.conf; }`
  const nginx = MogilefsNginx.use({
    server,
    http: (dir, port) => `
      server { listen 127.0.0.1:${port}; server_name second.example.com;
        include ${dir}/mogilefs_server.conf; ${server(dir)} }
      server { listen 127.0.0.2:${port};
        location / { return 404; } }
      server { listen 127.0.0.2:${port}; server_name second.example.com;
        include ${dir}/mogilefs_server.conf; ${server(dir)} }`,
  })

  it('has the slashes of the first', async () => {
    await nginx.stack.putAs('a//b', contentOf('img', 'a//b'))
    const options = { headers: { Host: 'second.example.com' } }
    assert.equal((await nginx.request('/img/a//b', options)).status, 200)
    const url = `http://127.0.0.2:${nginx.port}/img/a//b`
    const { statusCode } = await new Promise<IncomingMessage>((resolve) =>
      get(url, options, (answer) => resolve(answer.resume())),
    )
    assert.equal(statusCode, 404)
  })
})
