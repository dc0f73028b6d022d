// A crisis in a notebook: endings, levers and sliders. Every step asks Python, which solves and answers (explorer.py).

const REST = 300
const PATIENCE = 10_000
let widgets = 0

export default { render }

function render({ model, el }) {
  const crisis = model.get('_crisis')
  const id = `offramp-${++widgets}-${Math.random().toString(36).slice(2, 8)}`
  const root = make('section', { class: 'offramp-explore', 'aria-label': crisis.title, 'data-lm-suppress-shortcuts': 'true' })
  const setting = { given: { ...model.get('given') }, levers: [...model.get('levers')] }
  const asking = questions(model, setting, () => tell(crisis.texts.late))

  const endings = endingsOf(crisis)
  const said = make('p', { class: 'hidden', role: 'status', 'aria-live': 'polite' })
  const warning = make('p', { class: 'warning', hidden: '' })
  const reset = make('button', { type: 'button' }, crisis.texts.reset)
  const levers = leversOf(crisis, (key, on) => {
    setting.levers = on ? [...setting.levers, key] : setting.levers.filter((other) => other !== key)
    changed()
    asking.rest()
  })
  const sliders = slidersOf(crisis, id, (key, value) => {
    if (value === null) delete setting.given[key]
    else setting.given[key] = value
    changed()
    if (value === null) asking.rest()
    else asking.step()
  })

  root.append(
    make('header', {}, make('h3', {}, crisis.title), reset),
    make('div', { class: 'columns' },
      make('div', { class: 'answers' }, endings.element, warning, said), sliders.element, levers.element),
  )
  el.append(root)

  reset.addEventListener('click', () => {
    setting.given = {}
    setting.levers = []
    changed()
    asking.rest()
  })
  // a notebook's own keys (move to the next cell, run, delete) are not for a slider
  root.addEventListener('keydown', (event) => event.stopPropagation())

  function changed() {
    endings.behind()
    const set = new Set(setting.levers.flatMap((key) => crisis.levers.find((lever) => lever.key === key)?.sets ?? []))
    for (const lever of crisis.levers) if (lever.fixed) for (const name of lever.sets) set.add(name)
    sliders.show(setting.given, set)
    levers.show(setting.levers)
    reset.disabled = !Object.keys(setting.given).length && !setting.levers.length
  }
  function tell(text) {
    warning.textContent = text
    warning.hidden = !text
  }
  function answered() {
    const answer = model.get('_answer')
    endings.show(answer, asking.answered(answer))
    tell(answer.message || answer.warning)
    if (answer.rests && said.textContent !== answer.said) said.textContent = answer.said
  }
  function setElsewhere() {
    if (asking.busy()) return
    setting.given = { ...model.get('given') }
    setting.levers = [...model.get('levers')]
    changed()
  }
  model.on('change:_answer', answered)
  model.on('change:given', setElsewhere)
  model.on('change:levers', setElsewhere)
  changed()
  answered()
  said.textContent = '' // nothing is read out before anything is changed
  const unwatch = watchTheme(root)
  return () => {
    unwatch()
    asking.stop()
    model.off('change:_answer', answered)
    model.off('change:given', setElsewhere)
    model.off('change:levers', setElsewhere)
  }
}

/** Asks Python, one question at a time: while it solves, only the latest setting waits. */
function questions(model, setting, late) {
  let open = 0
  let waiting = false
  let resting = 0
  let patience = 0
  function ask(rests) {
    if (open) {
      waiting = true
      return
    }
    open = model.get('_asked') + 1
    model.set('given', { ...setting.given })
    model.set('levers', [...setting.levers])
    model.set('_rests', rests)
    model.set('_asked', open)
    model.save_changes()
    clearTimeout(patience)
    patience = setTimeout(() => {
      open = 0
      late()
    }, PATIENCE)
  }
  function rest(wait) {
    clearTimeout(resting)
    resting = setTimeout(() => {
      if (open) rest(REST)
      else ask(true)
    }, wait)
  }
  return {
    /** While a slider moves. */
    step() {
      ask(false)
      rest(REST)
    },
    /** When nothing moves. */
    rest: () => rest(0),
    busy: () => open > 0 || waiting,
    /** Takes an answer; whether it is that of the newest setting. */
    answered(answer) {
      if (answer.asked < open) return false
      open = 0
      clearTimeout(patience)
      if (!waiting) return true
      waiting = false
      ask(false)
      return false
    },
    stop() {
      clearTimeout(resting)
      clearTimeout(patience)
    },
  }
}

function endingsOf(crisis) {
  const rows = crisis.endings.map((ending, place) => {
    const bar = make('span', { class: 'bar' })
    const was = make('span', { class: 'was' })
    was.style.left = `${100 * ending.share}%`
    const share = make('span', { class: 'share' })
    const change = make('span', { class: 'change' })
    const name = make('span', { class: 'name' }, ending.name)
    if (ending.avoid) name.append(' ', make('small', {}, crisis.texts.avoid))
    const row = make('li', { class: `ending-${place % 7}`, 'data-ending': ending.key }, name,
      make('span', { class: 'track', 'aria-hidden': 'true' }, bar, was), share, change)
    return { row, bar, share, change }
  })
  const measures = crisis.measures.map((measure) => {
    const share = make('span', { class: 'share' })
    const change = make('span', { class: 'change' })
    const name = make('span', { class: 'name' }, measure.name)
    if (measure.unit) name.append(' ', make('small', {}, measure.unit))
    return { row: make('li', { class: 'measure', 'data-measure': measure.key }, name, share, change), share, change }
  })
  const list = make('ul', {}, ...rows.map(({ row }) => row), ...measures.map(({ row }) => row))
  const note = make('p', { class: 'note' }, crisis.texts.basis)
  return {
    element: make('div', { class: 'endings' }, list, note),
    /** The setting has changed, and is not solved yet. */
    behind() {
      list.classList.add('behind')
      list.setAttribute('aria-busy', 'true')
    },
    show(answer, current) {
      list.classList.toggle('behind', !current || !answer.endings.length)
      if (current && answer.rests) list.setAttribute('aria-busy', 'false')
      answer.endings.forEach(({ share, shown, change }, place) => {
        const row = rows[place]
        row.bar.style.width = `${100 * share}%`
        row.share.textContent = shown
        row.change.textContent = change
      })
      answer.measures.forEach(({ shown, change }, place) => {
        measures[place].share.textContent = shown
        measures[place].change.textContent = change
      })
    },
  }
}

function leversOf(crisis, pull) {
  const boxes = crisis.levers.map((lever) => {
    const box = make('input', { type: 'checkbox', role: 'switch', name: lever.key })
    box.disabled = lever.fixed
    box.addEventListener('change', () => pull(lever.key, box.checked))
    return { lever, box, row: make('label', { title: lever.says }, box, make('span', {}, lever.name)) }
  })
  const element = make('fieldset', { class: 'levers' }, make('legend', {}, crisis.texts.levers), ...boxes.map(({ row }) => row))
  element.hidden = !boxes.length
  return {
    element,
    show(pulled) {
      for (const { lever, box } of boxes) box.checked = lever.fixed || pulled.includes(lever.key)
    },
  }
}

function slidersOf(crisis, id, set) {
  const sliders = crisis.inputs.map((input) => sliderOf(input, `${id}-${input.key}`, crisis.texts, set))
  const first = sliders.slice(0, crisis.first).map(({ row }) => row)
  const others = sliders.slice(crisis.first).map(({ row }) => row)
  const element = make('div', { class: 'inputs' }, make('h4', {}, crisis.texts.inputs), make('p', { class: 'note' }, crisis.order), ...first)
  const fold = make('details', {}, make('summary', {}, crisis.more), ...others)
  if (others.length) element.append(fold)
  element.hidden = !sliders.length
  return {
    element,
    show(given, taken) {
      for (const slider of sliders) slider.show(given, taken)
    },
  }
}

function sliderOf(input, id, texts, set) {
  const range = make('input', { type: 'range', id, name: input.key, min: input.low, max: input.high, step: 'any' })
  const value = make('output', { for: id })
  const back = make('button', { type: 'button', class: 'back', 'aria-label': input.back, title: texts.back }, '↺')
  const mark = make('span', { class: 'median', 'aria-hidden': 'true' })
  mark.style.setProperty('--at', (input.median - input.low) / (input.high - input.low || 1))
  const moves = make('small', { 'aria-label': input.moves_said }, input.moves)
  const taken = make('small', { class: 'taken', hidden: '' }, texts.taken)
  const head = make('div', { class: 'head' }, make('span', {}, make('label', { for: id }, input.name), ' ', moves), taken, value, back)
  const row = make('div', { class: 'input', 'data-input': input.key, title: input.says }, head,
    make('div', { class: 'rail' }, mark, range))
  const step = (input.high - input.low) / 100
  const keys = { ArrowRight: step, ArrowUp: step, ArrowLeft: -step, ArrowDown: -step, PageUp: 10 * step, PageDown: -10 * step }

  range.addEventListener('input', () => move(range.valueAsNumber))
  range.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Delete' || event.key === 'Backspace') set(input.key, null)
    else if (event.key === 'Home') move(input.low)
    else if (event.key === 'End') move(input.high)
    else if (event.key in keys) move(current + keys[event.key])
    else return
    event.preventDefault()
  })
  back.addEventListener('click', () => {
    set(input.key, null)
    range.focus()
  })
  let current = input.median
  function move(wanted) {
    const digits = Math.max(0, Math.min(12, 3 - Math.floor(Math.log10(input.high - input.low || 1))))
    set(input.key, Number(Math.min(Math.max(wanted, input.low), input.high).toFixed(digits)))
  }
  return {
    row,
    show(given, levers) {
      const held = input.key in given
      current = held ? given[input.key] : input.median
      range.value = current
      const words = `${short(current)}${input.unit && ` ${input.unit}`}`
      value.replaceChildren(short(current), ...(input.unit ? [' ', make('small', {}, input.unit)] : []))
      range.setAttribute('aria-valuetext', held ? words : texts.at_median.replace('{value}', () => words))
      row.classList.toggle('held', held)
      back.disabled = !held
      taken.hidden = !levers.has(input.name)
    },
  }
}

/** A number to about three significant digits. */
function short(value) {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return String(Math.round(value * 100) / 100)
  return String(Number(value.toPrecision(3)))
}

/** Keeps the widget light or dark as what is behind it, in any notebook; returns what ends it. */
function watchTheme(root) {
  const look = () => root.classList.toggle('dark', isDark(root.parentNode))
  const later = () => {
    look()
    setTimeout(look, 400) // a theme's style sheet comes after its name
  }
  const observer = new MutationObserver(later)
  for (const page of [document.documentElement, document.body]) observer.observe(page, { attributes: true })
  const asked = window.matchMedia('(prefers-color-scheme: dark)')
  asked.addEventListener('change', later)
  requestAnimationFrame(later)
  return () => {
    observer.disconnect()
    asked.removeEventListener('change', later)
  }
}

/** Whether the first background behind a node that can be seen is dark. */
function isDark(node) {
  for (let at = node; at; at = at.assignedSlot ?? at.parentNode ?? at.host) {
    if (!(at instanceof Element)) continue
    const parts = luminance(getComputedStyle(at).backgroundColor)
    if (parts !== null) return parts < 0.5
  }
  return getComputedStyle(document.documentElement).colorScheme.includes('dark')
}

/** From 0 to 1; null of what cannot be seen. A canvas knows every way to write a colour. */
function luminance(colour) {
  const context = new OffscreenCanvas(1, 1).getContext('2d')
  context.fillStyle = colour
  context.fillRect(0, 0, 1, 1)
  const [red, green, blue, opacity] = context.getImageData(0, 0, 1, 1).data
  return opacity < 128 ? null : (0.2126 * red + 0.7152 * green + 0.0722 * blue) / opacity
}

/** An element with attributes and children; text is only ever text. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children.filter((child) => child !== ''))
  return element
}
