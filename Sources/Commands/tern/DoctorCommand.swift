import ArgumentParser
import CommandFrame
import Compute
import Diagnostics
import Features
import Foundation
import HDF5
import Market

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what this program is, what it runs on, and whether that works.")

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let schema = try FeatureCatalogue.schema(for: .minute)
    let document = Document(
      version: TernVersion.text, processors: ThreadPool.availableThreads,
      memoryGigabytes: (Double(ProcessInfo.processInfo.physicalMemory) / 1e9 * 10).rounded() / 10,
      system: ProcessInfo.processInfo.operatingSystemVersionString, hdf5: HDF5File.libraryVersion,
      features: schema.count, featureSchema: schema.hash.description)
    try Console.show(document, json: global.json) {
      """
      tern            \(document.version)
      system          \(document.system)
      processors      \(document.processors)
      memory          \(document.memoryGigabytes) GB
      HDF5            \(document.hdf5)
      features        \(document.features), schema \(document.featureSchema)
      """
    }
  }

  private struct Document: Encodable {
    var version: String
    var processors: Int
    var memoryGigabytes: Double
    var system: String
    var hdf5: String
    var features: Int
    var featureSchema: String

    enum CodingKeys: String, CodingKey {
      case version, processors, system, hdf5, features
      case memoryGigabytes = "memory_gigabytes"
      case featureSchema = "feature_schema"
    }
  }
}
