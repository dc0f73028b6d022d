"""What axe finds in a browser's page that is serious or critical.

Colours take axe most of its time, much of it for rows that look alike. They are looked at once for each look:
a text with its size, weight and colour, on its grounds, as computed, and with the classes up the tree. A look that has
passed on one page is not looked at again on another by the same process.
"""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

Scheme = Literal["light", "dark"]
PASSED: set[str] = set()
"""The looks whose colours axe has let pass."""

JUDGED = """async ([passed, code, every]) => {
  await new Promise(requestAnimationFrame)  // a page that follows the scheme by a script has done so
  const known = new Set(passed)
  const looks = new Map()
  const lookOf = node => {
    if (!looks.has(node)) {
      const around = node.assignedSlot ?? node.parentElement ?? node.getRootNode().host
      const style = getComputedStyle(node)
      const own = [
        node.localName, node.getAttribute('class'), node.getAttribute('aria-disabled'), style.position, style.color,
        style.backgroundColor, style.backgroundImage, style.opacity, style.fontSize, style.fontWeight, style.textShadow,
      ].join()
      let [one, two] = around ? lookOf(around) : [1, 2]
      for (let place = 0; place < own.length; place += 1) {
        one = Math.imul(one ^ own.charCodeAt(place), 2654435761)
        two = Math.imul(two ^ own.charCodeAt(place), 1597334677)
      }
      looks.set(node, [one, two])
    }
    return looks.get(node)
  }
  const inView = node => {
    const { top, left, bottom, right } = node.getBoundingClientRect()
    return bottom > 0 && right > 0 && top < innerHeight && left < innerWidth
  }
  const field = 'select, textarea, input:not([type=range], [type=checkbox], [type=radio], [type=file])'
  const texts = new Map()
  let linked = false
  const visit = node => {
    for (const child of node.children) {
      linked ||= child.matches('a[href], [role=link]')
      const words = [...child.childNodes].filter(one => one.nodeType === Node.TEXT_NODE).map(one => one.data).join()
      const judged = (/[\\p{L}\\p{N}]/u.test(words) || child.matches(field)) && !child.matches(':disabled')
      if (judged && child.checkVisibility({ visibilityProperty: true })) {
        const look = lookOf(child).join()
        const others = texts.get(look)
        if (!others && !known.has(look)) texts.set(look, [child])
        else if (others && inView(child) && !inView(others[0])) others.unshift(child)
        else if (others) others.push(child)
      }
      visit(child)
      if (child.shadowRoot) visit(child.shadowRoot)
    }
  }
  visit(document.body)
  if (code) {
    const kept = new Set()
    for (let [node] of texts.values()) for (; node; node = node.parentElement) kept.add(node)
    for (const word of document.querySelectorAll(code)) if (!kept.has(word)) word.replaceWith(...word.childNodes)
  }
  const slight = axe._audit.rules.filter(rule => ['minor', 'moderate'].includes(rule.impact)).map(rule => rule.id)
  const serious = { rules: Object.fromEntries(slight.map(id => [id, { enabled: false }])) }
  const wrong = [], right = new Set(), judged = new Set()
  axe.configure({ noHtml: true, rules: [{ id: 'color-contrast', selector: '[data-judged]' }] })
  const judge = async (nodes, rules) => {  // all in one go, as axe takes half of its time to lay out the page
    for (const node of nodes) node.setAttribute('data-judged', '')
    const found = await axe.run(document, { ...rules, reporter: (results, options, give) => give(results) })
    for (const node of nodes) node.removeAttribute('data-judged')
    for (const { id, violations, passes } of found) {
      const places = violations.map(one => one.node.element)
      if (places.length) wrong.push([id, places.map(node => node.outerHTML.slice(0, 200))])
      if (id !== 'color-contrast') continue
      for (const node of places) judged.add(node)
      for (const { node } of passes) judged.add(node.element), right.add(node.element)
    }
  }
  const first = [...texts.values()].map(([first]) => first)
  const colours = [...(first.length ? ['color-contrast'] : []), ...(linked ? ['link-in-text-block'] : [])]
  if (every || colours.length) await judge(first, every ? serious : { runOnly: colours })
  const open = [...texts.values()].filter(([first]) => !judged.has(first)).flatMap(([, ...others]) => others)
  const shown = open.filter(node => node.isConnected)  // axe could not tell of the first that looks so
  if (shown.length) await judge(shown, { runOnly: ['color-contrast'] })
  const passes = [...texts].filter(([, nodes]) => nodes.some(node => right.has(node))).map(([look]) => look)
  return [wrong, passes]
}"""


def serious(page: Page, *schemes: Scheme, code: str = "") -> list[Any]:
    """The rules that are broken, each with its places on the page; colours in each of the schemes, or as they are.

    `code`: a selector of words that have nothing but colours; those that look like others become plain text.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[Any] = []
    every = schemes or (None,)
    for place, scheme in enumerate(every, 1):
        if scheme:
            page.emulate_media(color_scheme=scheme)
        last = place == len(every)
        wrong, passed = page.evaluate(JUDGED, [[*PASSED], code if last else "", last])
        PASSED.update(passed)
        found += [(scheme, *rule) for rule in wrong]
    return found
