/// A number with a fixed count of decimal places, rounded to the nearest.
func fixed(_ value: Double, _ places: Int) -> String {
  guard value.isFinite else { return "-" }
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let scaled = (value.magnitude * scale).rounded()
  guard scaled < 1e15 else { return "\(value)" }
  let digits = String(Int64(scaled))
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
  let sign = value < 0 && scaled > 0 ? "-" : ""
  return places == 0 ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
}

/// A fraction as a percentage.
func percent(_ value: Double, _ places: Int) -> String { fixed(value * 100, places) + "%" }

/// Text filled up with spaces to a width.
func column(_ text: String, _ width: Int, left: Bool = false) -> String {
  let padding = String(repeating: " ", count: max(0, width - text.utf8.count))
  return left ? text + padding : padding + text
}
