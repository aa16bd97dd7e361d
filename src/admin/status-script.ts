/**
 * Puts in what the server renders anew, but what somebody has selected stays until it is selected no more, so
 * that an address can be copied. EventSource comes back by itself but where it was refused; one
 * from which nothing comes any more is given up and opened again. A page that nobody sees asks nothing.
 */
export const LIVE_SCRIPT = `
const SILENCE_MS = 12000, RETRY_MS = 5000
const live = document.getElementById('live')
const waiting = {}
let source, timer
function say(text, isLost) {
  live.textContent = text
  live.classList.toggle('lost', isLost)
}
function put() {
  const selection = getSelection()
  for (const id in waiting) {
    const part = document.getElementById(id)
    if (!selection.isCollapsed && selection.containsNode(part, true)) continue
    part.innerHTML = waiting[id]
    delete waiting[id]
  }
}
function lose() {
  const time = live.dataset.time
  say('Connection lost. ' + (time ? 'This is how things were at ' + time + ' UTC. ' : '') + 'Trying again…', true)
}
function later(ms, then) {
  clearTimeout(timer)
  timer = setTimeout(then, ms)
}
function stop() {
  clearTimeout(timer)
  if (source) source.close()
}
function start() {
  stop()
  source = new EventSource('/events')
  source.onmessage = ({ data }) => {
    const { title, time, parts } = JSON.parse(data)
    document.title = title
    Object.assign(waiting, parts)
    put()
    live.dataset.time = time
    const rest = Object.keys(waiting).length > 0 ? '; what you have selected is as it was' : ''
    say('Live, as of ' + time + ' UTC' + rest, false)
    later(SILENCE_MS, restart)
  }
  source.onerror = () => {
    lose()
    if (source.readyState === EventSource.CLOSED) later(RETRY_MS, start)
  }
  later(SILENCE_MS, restart)
}
function restart() {
  lose()
  start()
}
document.addEventListener('selectionchange', put)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) return start()
  stop()
  say('Paused while nobody looks', false)
})
start()
`
