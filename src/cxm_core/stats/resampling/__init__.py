"""The error of anything, from samples drawn out of the sample."""

from ._drawn_clusters import cluster_bootstrap, keyed_replicates
from ._lattice import lattice_bootstrap
from ._replicates import Replicates, jackknife, rao_wu
from ._resampling import Permutation, abc_interval, bootstrap, permutation_test, whole_counts

__all__ = [
    "Permutation",
    "Replicates",
    "abc_interval",
    "bootstrap",
    "cluster_bootstrap",
    "jackknife",
    "keyed_replicates",
    "lattice_bootstrap",
    "permutation_test",
    "rao_wu",
    "whole_counts",
]
