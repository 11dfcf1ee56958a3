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

/// A library of a wing: `Sources/<wing>/<name>`, and its mirror `Tests/<name>Tests`.
func library(
  _ wing: String, _ name: String, _ dependencies: [Target.Dependency] = [],
  settings: [SwiftSetting] = vectorised, testing: [Target.Dependency] = []
) -> [Target] {
  [
    .target(
      name: name, dependencies: dependencies, path: "Sources/\(wing)/\(name)", swiftSettings: settings),
    .testTarget(
      name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies + testing,
      exclude: golden(name),
      swiftSettings: vectorised),
  ]
}

/// Golden files are read by path, not bundled.
func golden(_ name: String) -> [String] {
  ["Artifacts", "Backtest", "Boosting", "Checkpoints", "Evaluation", "Features", "HDF5", "Labels"].contains(
    name) ? ["Golden"] : []
}

/// A C library of the system with its shims.
func system(_ wing: String, _ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, path: "Sources/\(wing)/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A program: `Sources/Commands/<name>`.
func program(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, path: path ?? "Sources/Commands/\(name)",
    swiftSettings: vectorised)
}

let base: [Target] =
  library("Base", "Diagnostics")
  + library("Base", "Chronology", ["Diagnostics"])
  + library("Base", "Files", ["Diagnostics", crypto])
  + [system("Base", "CZlib", pkgConfig: "zlib", apt: "zlib1g-dev")]
  + library("Base", "Compression", ["Diagnostics", "CZlib"])

let numerics: [Target] =
  library("Numerics", "Compute", ["Diagnostics"], settings: kernels)
  + [system("Numerics", "CHDF5", pkgConfig: "hdf5", apt: "libhdf5-dev")]
  + library("Numerics", "HDF5", ["Diagnostics", "Files", "CHDF5"])

let learning: [Target] =
  library("Learning", "Trees", ["Diagnostics", "Compute"], settings: kernels)
  + library("Learning", "Boosting", ["Diagnostics", "Compute", "Trees"], settings: kernels)

let market: [Target] =
  library("Market", "Market", ["Diagnostics", "Chronology"])
  + library("Market", "Features", ["Diagnostics", "Chronology", "Files", "Market"], settings: kernels)
  + library("Market", "Labels", ["Diagnostics", "Market"])
  + library(
    "Market", "Datasets",
    ["Diagnostics", "Chronology", "Files", "Compression", "Compute", "HDF5", "Market"])

let trading: [Target] =
  library("Trading", "Calibration", ["Diagnostics"])
  + library("Trading", "Evaluation", ["Diagnostics", "Chronology", "Compute", "Calibration"])
  + library("Trading", "Reporting", ["Diagnostics", "Chronology", "Files", "Calibration", "Evaluation"])
  + library("Trading", "Backtest", ["Diagnostics", "Chronology", "Compute", "Market", "Labels"])

let storage: [Target] =
  library("Storage", "Artifacts", ["Diagnostics", "Files", "Trees", "Market", "Calibration"])
  + library(
    "Storage", "Registry", ["Diagnostics", "Chronology", "Files", "Artifacts", grdb],
    testing: ["RegistryWriter", "Checkpoints"])
  + library("Storage", "Checkpoints", ["Diagnostics", "Files", "HDF5", "Artifacts"])
  // A process that tests can kill at any moment.
  + [
    program(
      "RegistryWriter", ["Diagnostics", "Chronology", "Files", "Artifacts", "Checkpoints", "Registry"],
      path: "Tests/Support/RegistryWriter")
  ]

let workflow: [Target] =
  library("Workflow", "Settings", ["Diagnostics", "Files", "Market", yams])
  + library(
    "Workflow", "Training",
    [
      "Diagnostics", "Files", "Compute", "Trees", "Boosting", "Datasets", "Artifacts", "Checkpoints",
      "Registry",
      "Evaluation",
    ])
  + library(
    "Workflow", "Pipelines",
    [
      "Diagnostics", "Chronology", "Files", "Compute", "HDF5", "Trees", "Boosting", "Market", "Features",
      "Labels", "Datasets", "Calibration", "Evaluation", "Backtest", "Reporting", "Artifacts", "Checkpoints",
      "Registry", "Training",
    ], testing: ["Settings"])

let commands: [Target] = [
  program(
    "tern",
    [
      "Diagnostics", "Chronology", "Files", "Compute", "HDF5", "Market", "Features", "Labels", "Datasets",
      "Backtest", "Reporting", "Artifacts", "Registry", "Settings", "Training", "Pipelines", argumentParser,
    ]),
  .testTarget(
    name: "TernTests", dependencies: ["tern", "Files"], path: "Tests/TernTests", swiftSettings: vectorised),
  program("tern-bench", ["Diagnostics", "Compute", "Trees", "Boosting", "Market", "Features"]),
]

let package = Package(
  name: "tern",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: base + numerics + learning + market + trading + storage + workflow + commands
)
