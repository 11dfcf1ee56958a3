import Compression
import Diagnostics
import Testing

@Suite struct GzipTests {
  private func kind(_ body: () throws -> Void) -> TernError.Kind? {
    do { try body() } catch { return (error as? TernError)?.kind }
    return nil
  }

  @Test func readsAnotherProgramsGzip() throws {
    #expect(try Gzip.decompress(ForeignContainers.gzip, file: "f.gz") == ForeignContainers.text)
  }

  @Test func readsSeveralMembersAndZeroPadding() throws {
    let twice = ForeignContainers.gzip + ForeignContainers.gzip + [0, 0, 0]
    #expect(try Gzip.decompress(twice, file: "f.gz") == ForeignContainers.text + ForeignContainers.text)
    #expect(kind { _ = try Gzip.decompress(ForeignContainers.gzip + [1, 2, 3], file: "f.gz") } == .data)
  }

  @Test(arguments: [0, 1, 4095, 4096, 4097, 1_000_003])
  func compressesAndDecompresses(size: Int) throws {
    var state: UInt64 = 7
    let bytes = (0..<size).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return UInt8(truncatingIfNeeded: state >> 61)
    }
    #expect(try Gzip.decompress(Gzip.compress(bytes), file: "f.gz") == bytes)
    #expect(try Deflate.decompress(Deflate.compress(bytes), file: "f") == bytes)
  }

  @Test func refusesEveryTruncation() {
    for count in 0..<ForeignContainers.gzip.count {
      #expect(
        kind { _ = try Gzip.decompress(Array(ForeignContainers.gzip.prefix(count)), file: "f.gz") } == .data)
    }
  }

  @Test func everyFlippedBitIsAnErrorOrHarmless() {
    for index in ForeignContainers.gzip.indices {
      for bit in 0..<8 {
        var bytes = ForeignContainers.gzip
        bytes[index] ^= 1 << bit
        do throws(TernError) {
          // Bits of the header's time and system, and padding before the checksum, do not matter.
          let text = try Gzip.decompress(bytes, file: "f.gz")
          #expect(text == ForeignContainers.text)
        } catch { #expect(error.kind == .data && error.file == "f.gz") }
      }
    }
  }

  @Test func stopsAtTheLimit() throws {
    let bomb = try Gzip.compress([UInt8](repeating: 0, count: 10_000_000))
    #expect(kind { _ = try Gzip.decompress(bomb, file: "f.gz", limit: 1_000_000) } == .data)
  }
}

@Suite struct ZipArchiveTests {
  @Test func readsAnotherProgramsArchives() throws {
    for bytes in [ForeignContainers.deflated, ForeignContainers.zip64] {
      let archive = try ZipArchive(bytes, file: "f.zip")
      #expect(archive.entries.map(\.name) == ["a/rows.csv"])
      #expect(try archive.extract(archive.entries[0]) == ForeignContainers.text)
    }
  }

  @Test func refusesEveryTruncation() {
    for count in 0..<ForeignContainers.deflated.count {
      #expect(throws: TernError.self) {
        try ZipArchive(Array(ForeignContainers.deflated.prefix(count)), file: "f.zip")
      }
    }
  }

  @Test func everyFlippedBitIsAnErrorOrHarmless() {
    for original in [ForeignContainers.deflated, ForeignContainers.zip64] {
      for index in original.indices {
        for bit in 0..<8 {
          var bytes = original
          bytes[index] ^= 1 << bit
          do throws(TernError) {
            let archive = try ZipArchive(bytes, file: "f.zip")
            for entry in archive.entries { #expect(try archive.extract(entry) == ForeignContainers.text) }
          } catch { #expect(error.kind == .data && error.file?.hasPrefix("f.zip") == true) }
        }
      }
    }
  }

  @Test func refusesSizesAndChecksumsThatLie() throws {
    let directory = try #require(
      ForeignContainers.deflated.indices.dropLast(4).last {
        Array(ForeignContainers.deflated[$0..<$0 + 4]) == [0x50, 0x4b, 1, 2]
      })
    // Offsets in a directory entry: flags 8, method 10, CRC-32 16, compressed size 20, size 24.
    for (offset, word) in [(8, "encrypted"), (10, "method"), (16, "CRC-32"), (20, ""), (24, "")] {
      var bytes = ForeignContainers.deflated
      bytes[directory + offset] ^= 1
      let archive = try ZipArchive(bytes, file: "f.zip")
      let error = try #require(throws: TernError.self) { try archive.extract(archive.entries[0]) }
      #expect(error.kind == .data && error.file == "f.zip/a/rows.csv")
      #expect(word.isEmpty || error.message.contains(word))
    }
  }
}
