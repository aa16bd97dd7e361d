/**
 * Puts in what the server renders anew. EventSource comes back by itself but where it was refused; one
 * from which nothing comes any more is given up and opened again. A page that nobody sees asks nothing.
 */
export const LIVE_SCRIPT = `
const SILENCE_MS = 12000, RETRY_MS = 5000
const live = document.getElementById('live')
let source, timer
function say(text, isLost) {
  live.textContent = text
  live.classList.toggle('lost', isLost)
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
    for (const id in parts) document.getElementById(id).innerHTML = parts[id]
    live.dataset.time = time
    say('Live, as of ' + time + ' UTC', false)
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
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) return start()
  stop()
  say('Paused while nobody looks', false)
})
start()
`
