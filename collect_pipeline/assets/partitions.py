"""The partitions of everything that is collected per version: one dynamic partition a followed model version.

It stands beside the assets, not in `automation`, because assets are defined over it and automation builds on assets.
"""

import dagster as dg

model_version_partitions = dg.DynamicPartitionsDefinition(name="model_version")
"""Keys look like `82543@2043971`: model id, @, version id."""
