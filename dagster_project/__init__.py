"""Tierline: the open warehouse for customer segmentation in supply chains."""
