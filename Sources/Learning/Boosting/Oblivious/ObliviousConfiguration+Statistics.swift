extension ObliviousConfiguration {
  /// How a description cuts a target that is a number.
  func cut(of description: StatisticDescription) -> TargetClasses.Cut {
    TargetClasses.Cut(
      count: description.targetBorderCount ?? ctrTargetBorderCount, type: description.targetBorderType)
  }

  /// How the target is cut by all that count its classes, with repetitions.
  var targetCuts: [TargetClasses.Cut] {
    let own = perFeatureCtr.keys.sorted().flatMap { perFeatureCtr[$0] ?? [] }
    return (simpleCtr + combinationsCtr + own).filter { $0.kind != .counter }.map(cut)
  }
}
