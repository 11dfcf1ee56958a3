import Diagnostics
import Synchronization
import Testing
import Threads

@Suite("A value computed in the background")
struct BackgroundTests {
  @Test("is there when it is asked for, every time")
  func value() throws {
    let calls = Calls()
    let sums = (0..<20).map { number in
      Background { () throws(TernError) in
        calls.count.add(1, ordering: .relaxed)
        return (0...number).reduce(0, +)
      }
    }
    for (number, sum) in sums.enumerated() {
      #expect(try sum.value() == number * (number + 1) / 2)
      #expect(try sum.value() == number * (number + 1) / 2)
    }
    let total = calls.count.load(ordering: .relaxed)
    #expect(total == 20)
  }

  @Test("throws what the work threw")
  func failure() {
    let failing = Background { () throws(TernError) -> Int in
      throw TernError(.data, "is damaged", file: "model.safetensors")
    }
    for _ in 0..<2 {
      #expect(throws: TernError(.data, "is damaged", file: "model.safetensors")) { try failing.value() }
    }
  }

  @Test("runs beside the caller, and to its end when nobody waits", .timeLimit(.minutes(1)))
  func abandoned() {
    let door = Door()
    do {
      _ = Background { () throws(TernError) in
        while !door.isOpen.load(ordering: .acquiring) {}
        door.isPassed.store(true, ordering: .releasing)
      }
    }
    door.isOpen.store(true, ordering: .releasing)
    while !door.isPassed.load(ordering: .acquiring) {}
  }

  private final class Calls: Sendable {
    let count = Atomic(0)
  }

  private final class Door: Sendable {
    let isOpen = Atomic(false)
    let isPassed = Atomic(false)
  }
}
