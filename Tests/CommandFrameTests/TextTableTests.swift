import CommandFrame
import Testing

@Suite struct TextTableTests {
  @Test func alignsColumnsAndLeavesNoTrailingSpace() {
    var table = TextTable(["stage", "p50"], aligned: [.left, .right])
    table.append(["features", "12"])
    table.append(["l1"])
    #expect(table.text == "stage     p50\nfeatures   12\nl1")
  }
}
