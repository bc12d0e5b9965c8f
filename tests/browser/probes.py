"""What is asked of a page that stands: axe-core's rules, what overflows, what is cut, what isn't translated."""

from pathlib import Path
from typing import Any

from pages import ROOT
from playwright.sync_api import Page

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN_AXE = """
async ([tags, rules]) => {
  const runOnly = rules ? { type: 'rule', values: rules } : { type: 'tag', values: tags }
  const { violations } = await axe.run(document, { runOnly, resultTypes: ['violations'] })
  return violations.filter(v => ['serious', 'critical'].includes(v.impact))
    .flatMap(v => v.nodes.map(n => `${v.id}: ${n.target.join(' ')} ${n.any.map(a => a.message).join('; ')}`))
}
"""

# What leaves the window sideways, and text that leaves its place or is hidden without an ellipsis.
OVERFLOW = """
() => {
  const wide = document.documentElement.clientWidth, found = []
  const most = document.documentElement.scrollWidth
  if (most > wide) found.push(`the page scrolls to ${most}`)
  const scrolls = e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
  const ends = e => scrolls(e) || getComputedStyle(e).textOverflow === 'ellipsis' || e.tagName === 'HTML'
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange()
  while (walk.nextNode()) {
    const text = walk.currentNode, e = text.parentElement
    if (!text.data.trim() || e.closest('.vh, .skip, #svelte-announcer, svg, option, noscript, script, style')) continue
    range.selectNodeContents(text)
    const box = range.getBoundingClientRect(), say = text.data.trim().slice(0, 40)
    if (!box.width || !e.checkVisibility({ visibilityProperty: true })) continue
    for (let up = e; !ends(up); up = up.parentElement) {
      const place = up.getBoundingClientRect()
      if (getComputedStyle(up).display === 'inline' || up.tagName === 'BODY') continue
      if (box.right > place.right + 1 || box.left < place.left - 1) {
        found.push(`"${say}" leaves its ${up.tagName.toLowerCase()}.${up.className}`)
        break
      }
    }
  }
  for (const e of document.querySelectorAll('select')) {
    const pen = document.createElement('canvas').getContext('2d'), style = getComputedStyle(e)
    pen.font = style.font
    const room = e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
    const shown = e.selectedOptions[0]?.text || ''
    if (pen.measureText(shown).width > room + 1) found.push(`"${shown}" is wider than its list`)
  }
  for (const e of document.querySelectorAll('body *')) {
    const box = e.getBoundingClientRect()
    if (!box.width || !box.height || e.closest('.vh, .skip, #svelte-announcer, svg')) continue
    let inside = e
    while (inside.tagName !== 'HTML' && !scrolls(inside)) inside = inside.parentElement
    if (inside.tagName === 'HTML' && (box.right > wide + 1 || box.left < -1))
      found.push(`${e.tagName.toLowerCase()}.${e.className} stands from ${box.left} to ${box.right}`)
  }
  return found
}
"""

# Text outside the brackets that the invented language puts around every sentence of the catalogue.
UNTRANSLATED = """
([known, said]) => {
  const found = new Set(), names = ['aria-label', 'alt', 'title', 'placeholder', 'aria-valuetext']
  const say = (where, text) => {
    const words = text.replace(/\\[[^\\]]*\\]/g, ' ').match(/\\p{L}+/gu) || []
    if (words.some(word => !known.includes(word))) found.add(`${where.toLowerCase()}: ${text.trim().slice(0, 60)}`)
  }
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement
    const silent = e.closest('script, style, noscript, svg, option, #svelte-announcer')
    if (!silent && !e.closest(said)) say(e.tagName, walk.currentNode.data)
  }
  for (const e of document.querySelectorAll('body *'))
    for (const name of names)
      if (e.hasAttribute(name) && !e.closest('svg')) say(`${e.tagName}[${name}]`, e.getAttribute(name))
  return [...found]
}
"""

FOCUSED = """
() => {
  const e = document.activeElement, box = e.getBoundingClientRect()
  // Over a video the ring is three shadows, dark, brass, dark, so that it holds on any picture.
  const ringed = e => {
    const style = getComputedStyle(e)
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    return outlined || style.boxShadow.split(' 0px 0px 0px ').length === 4
  }
  const drawn = e.querySelector('svg[aria-label]')?.getAttribute('aria-label')
  const name = e.getAttribute('aria-label') || e.labels?.[0]?.textContent || drawn || e.textContent || ''
  return {
    name: name.trim().slice(0, 60),
    tag: e.tagName.toLowerCase(),
    seen: ringed(e) || (e.matches('input, textarea, select') && ringed(e.parentElement)),
    inside: box.top >= -1 && box.bottom <= innerHeight + 1,
  }
}
"""


def violations(page: Page, *, only: list[str] | None = None) -> list[str]:
    """Return what axe-core calls serious or critical: the rule, the element and why."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(Path(AXE).read_text("utf-8"))
    found: list[str] = page.evaluate(RUN_AXE, [WCAG, only])
    return found


def overflowing(page: Page) -> list[str]:
    """Return what leaves the window sideways, or hides a part of its own text."""
    found: list[str] = page.evaluate(OVERFLOW)
    return found


def untranslated(page: Page, known: list[str], said: str) -> list[str]:
    """Return text that is not of the catalogue, beside known words and what the server says in elements of ``said``."""
    found: list[str] = page.evaluate(UNTRANSLATED, [known, said])
    return found


def focused(page: Page) -> dict[str, Any]:
    """Return what has the focus: its name and tag, and whether that can be seen."""
    found: dict[str, Any] = page.evaluate(FOCUSED)
    return found
