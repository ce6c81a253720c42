"""The engines that can be measured: what the bench needs of a database beside Footfall itself."""
