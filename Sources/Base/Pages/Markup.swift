/// A piece of a page. Text enters only through escaping, so that no name, warning or setting can become markup.
///
/// The form is HTML5 that is well-formed XML too: every element is closed, every attribute quoted.
package struct Markup: Equatable, Sendable {
  /// The finished source.
  package private(set) var source: String

  /// Attributes in the order given.
  package typealias Attributes = KeyValuePairs<String, String>

  private init(source: String) { self.source = source }

  /// Nothing.
  package static let empty = Markup(source: "")

  /// Whether there is nothing to show.
  package var isEmpty: Bool { source.isEmpty }

  /// Escaped text.
  package static func text(_ text: String) -> Markup { Markup(source: escaped(text)) }

  /// Pieces one after another.
  package static func group(_ pieces: [Markup]) -> Markup { Markup(source: pieces.map(\.source).joined()) }

  /// An element around its children.
  package static func element(_ name: StaticString, _ attributes: Attributes = [:], _ children: Markup...)
    -> Markup
  {
    element(name, attributes, children)
  }

  /// An element around its children.
  package static func element(_ name: StaticString, _ attributes: Attributes = [:], _ children: [Markup])
    -> Markup
  {
    var source = opening(name, attributes)
    source += ">"
    for child in children { source += child.source }
    source += "</\(name)>"
    return Markup(source: source)
  }

  /// An element that HTML or SVG defines as empty.
  package static func void(_ name: StaticString, _ attributes: Attributes = [:]) -> Markup {
    Markup(source: opening(name, attributes) + "/>")
  }

  /// A style sheet, which must hold neither `<` nor `&`.
  package static func style(_ sheet: StaticString) -> Markup { Markup(source: "<style>\n\(sheet)\n</style>") }

  /// The whole page with its document type.
  package static func document(_ root: Markup) -> String { "<!DOCTYPE html>\n" + root.source + "\n" }

  /// The first drawing of a piece as an SVG file with the house's style sheet inside; empty if there is none.
  package func drawingFile() -> String {
    guard let start = source.firstRange(of: "<svg"), let end = source.firstRange(of: "</svg>"),
      let head = source[start.lowerBound...].firstIndex(of: ">")
    else { return "" }
    let style = Markup.style(StyleSheet.text).source
    return source[start.lowerBound...head] + style + source[source.index(after: head)..<end.upperBound] + "\n"
  }

  /// A self-contained page in the house's look.
  package static func page(title: String, subtitle: String, _ parts: [Markup], footer: String) -> String {
    document(
      .element(
        "html", ["lang": "en"],
        .element(
          "head", [:],
          .void("meta", ["charset": "utf-8"]),
          .void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
          .element("title", [:], .text(title)),
          .style(StyleSheet.text)),
        .element(
          "body", [:],
          .element(
            "header", [:],
            .element("h1", [:], .text(title)),
            .element("p", ["class": "soft"], .text(subtitle))),
          .element("main", [:], parts),
          .element("footer", [:], .text(footer)))))
  }

  private static func opening(_ name: StaticString, _ attributes: Attributes) -> String {
    var source = "<\(name)"
    for (key, value) in attributes { source += " \(key)=\"\(escaped(value))\"" }
    return source
  }

  /// Replaces what means something in markup, and the code points that XML does not allow at all.
  package static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      case "'": result.append(contentsOf: "&#39;".unicodeScalars)
      case "\t", "\n": result.append(scalar)
      default:
        let isAllowed =
          scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar.value & 0xFFFE != 0xFFFE
        result.append(isAllowed ? scalar : "\u{FFFD}")
      }
    }
    return String(result)
  }
}
