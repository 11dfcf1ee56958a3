import Diagnostics

/// A number with a fixed count of decimal places, rounded to the nearest.
func fixed(_ value: Double, _ places: Int) -> String { NumberText.table.fixed(value, places: places) }

/// A fraction as a percentage.
func percent(_ value: Double, _ places: Int) -> String { NumberText.table.percent(value, places: places) }

/// Text filled up with spaces to a width.
func column(_ text: String, _ width: Int, left: Bool = false) -> String {
  let padding = String(repeating: " ", count: max(0, width - text.utf8.count))
  return left ? text + padding : padding + text
}
