// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The instruction set is chosen once, at build time: the host's own by default, or the level named in
// TERN_CPU_LEVEL (for example x86-64-v3) for binaries that travel to other machines.
let cpuLevel = ProcessInfo.processInfo.environment["TERN_CPU_LEVEL"] ?? "native"
let vectorised: [SwiftSetting] = [
  .unsafeFlags(["-Xcc", "-march=\(cpuLevel)", "-Xcc", "-mprefer-vector-width=512", "-Xcc", "-fno-math-errno"])
]
let kernels: [SwiftSetting] = vectorised + [.unsafeFlags(["-Ounchecked"])]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// One target of a wing, with its folder under Sources/ and its mirror under Tests/.
func library(
  _ wing: String, _ name: String, _ dependencies: [Target.Dependency] = [],
  settings: [SwiftSetting] = vectorised, testing: [Target.Dependency] = []
) -> [Target] {
  var targets = [
    Target.target(
      name: name, dependencies: dependencies, path: "Sources/\(wing)/\(name)", swiftSettings: settings)
  ]
  if exists("Tests/\(name)Tests") {
    targets.append(
      .testTarget(name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies + testing, swiftSettings: vectorised))
  }
  return exists("Sources/\(wing)/\(name)") ? targets : []
}

func exists(_ path: String) -> Bool {
  FileManager.default.fileExists(atPath: Context.packageDirectory + "/" + path)
}

func system(_ wing: String, _ name: String, pkgConfig: String, apt: String) -> [Target] {
  exists("Sources/\(wing)/\(name)")
    ? [.systemLibrary(name: name, path: "Sources/\(wing)/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])]
    : []
}

var targets: [Target] = []
targets += library("Base", "Diagnostics")
targets += library("Base", "Chronology", ["Diagnostics"])
targets += library("Base", "Files", ["Diagnostics", crypto])
targets += system("Base", "CZlib", pkgConfig: "zlib", apt: "zlib1g-dev")
targets += library("Base", "Compression", ["Diagnostics", "CZlib"])

targets += library("Numerics", "Compute", ["Diagnostics"], settings: kernels)
targets += system("Numerics", "CHDF5", pkgConfig: "hdf5", apt: "libhdf5-dev")
targets += library("Numerics", "HDF5", ["Diagnostics", "Files", "CHDF5"])

targets += library("Learning", "Trees", ["Diagnostics", "Compute"], settings: kernels)
targets += library("Learning", "Boosting", ["Diagnostics", "Compute", "Trees"], settings: kernels)

targets += library("Market", "Market", ["Diagnostics", "Chronology"])
targets += library("Market", "Features", ["Diagnostics", "Chronology", "Files", "Market"], settings: kernels)
targets += library("Market", "Labels", ["Diagnostics", "Market"])
targets += library(
  "Market", "Datasets",
  ["Diagnostics", "Chronology", "Files", "Compression", "Compute", "HDF5", "Market"])

targets += library("Storage", "Artifacts", ["Diagnostics", "Files", "Trees", "Market", "Calibration"])
targets += library("Storage", "Registry", ["Diagnostics", "Chronology", "Files", "Artifacts", grdb])
targets += library("Storage", "Checkpoints", ["Diagnostics", "Files", "HDF5", "Artifacts"])
if exists("Tests/Support/RegistryWriter") {
  // A process that tests can kill at any moment.
  targets.append(
    .executableTarget(
      name: "RegistryWriter",
      dependencies: ["Diagnostics", "Chronology", "Files", "Artifacts", "Checkpoints", "Registry"],
      path: "Tests/Support/RegistryWriter"))
  targets.first { $0.name == "RegistryTests" }?.dependencies += ["RegistryWriter", "Checkpoints"]
}

targets += library("Trading", "Calibration", ["Diagnostics"])
targets += library("Trading", "Evaluation", ["Diagnostics", "Chronology", "Compute", "Calibration"])
targets += library("Trading", "Reporting", ["Diagnostics", "Chronology", "Files", "Calibration", "Evaluation"])
targets += library("Trading", "Backtest", ["Diagnostics", "Chronology", "Compute", "Market", "Labels"])

targets += library("Workflow", "Settings", ["Diagnostics", "Files", "Market", yams])

targets += library(
  "Workflow", "Training",
  [
    "Diagnostics", "Files", "Compute", "Trees", "Boosting", "Datasets", "Artifacts", "Checkpoints", "Registry",
    "Evaluation",
  ])
targets += library(
  "Workflow", "Pipelines",
  [
    "Diagnostics", "Chronology", "Files", "Compute", "HDF5", "Trees", "Boosting", "Market", "Features", "Labels",
    "Datasets", "Calibration", "Evaluation", "Backtest", "Reporting", "Artifacts", "Checkpoints", "Registry",
    "Training",
  ], testing: ["Settings"])

targets.append(
  .executableTarget(
    name: "tern",
    dependencies: [
      "Diagnostics", "Chronology", "Files", "Compute", "HDF5", "Market", "Features", "Labels", "Datasets",
      "Backtest", "Reporting", "Artifacts", "Registry", "Settings", "Training", "Pipelines", argumentParser,
    ],
    path: "Sources/Commands/tern", swiftSettings: vectorised))
targets.append(
  .testTarget(
    name: "TernTests", dependencies: ["tern", "Files"], path: "Tests/TernTests", swiftSettings: vectorised))

if exists("Sources/Commands/tern-bench") {
  targets.append(
    .executableTarget(
      name: "tern-bench", dependencies: ["Diagnostics", "Compute", "Trees", "Boosting"],
      path: "Sources/Commands/tern-bench", swiftSettings: vectorised))
}

let package = Package(
  name: "tern",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: targets
)
