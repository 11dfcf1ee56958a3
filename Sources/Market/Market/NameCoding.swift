/// Reads the case whose name stands in a file.
func decodeCase<Case: CaseIterable>(
  from decoder: any Decoder, named name: (Case) -> String
) throws -> Case {
  let container = try decoder.singleValueContainer()
  let text = try container.decode(String.self)
  guard let known = Case.allCases.first(where: { name($0) == text }) else {
    throw DecodingError.dataCorruptedError(
      in: container,
      debugDescription: "\(text) is not one of \(Case.allCases.map(name).joined(separator: ", "))")
  }
  return known
}

/// Writes the name of a case.
func encodeCase(named name: String, to encoder: any Encoder) throws {
  var container = encoder.singleValueContainer()
  try container.encode(name)
}
